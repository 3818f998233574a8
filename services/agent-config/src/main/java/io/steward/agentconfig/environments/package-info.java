/// Environments: `/v1/environments`. The rules are in `schemas`; here is the edge, and the store
/// that checks and writes under one row lock, with its record for `environments`.
@NullMarked
package io.steward.agentconfig.environments;

import org.jspecify.annotations.NullMarked;
