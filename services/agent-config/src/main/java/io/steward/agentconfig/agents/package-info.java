/// Agents and their versions: `/v1/agents`. The rules are in `schemas`; here is the edge, and the
/// store that checks and writes a version under one row lock, with its records for `agents`.
@NullMarked
package io.steward.agentconfig.agents;

import org.jspecify.annotations.NullMarked;
