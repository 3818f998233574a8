/// What makes a request for an agent or an environment a valid one, and what it means: defaults,
/// limits, merges, cross-checks. Pure: no clock, no I/O; moments, other agents and the model
/// catalog are parameters. A refusal is an `ApiException` whose sentence names field, value and
/// rule. Used by agent-config for agents and environments, and by session-log for the agent of a
/// session.
@NullMarked
package io.steward.schemas.agent.rules;

import org.jspecify.annotations.NullMarked;
