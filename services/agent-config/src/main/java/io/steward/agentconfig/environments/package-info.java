/// Environments and the keys of their workers: `/v1/environments`. The rules of environments are in
/// `schemas`; here is the edge, and the stores that check and write under one row lock, with their
/// records for `environments`.
@NullMarked
package io.steward.agentconfig.environments;

import org.jspecify.annotations.NullMarked;
