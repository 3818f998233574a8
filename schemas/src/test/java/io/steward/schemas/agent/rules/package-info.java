/// Tests of the rules for agents and environments: a request in, a resolved value or a refusal out.
@NullMarked
package io.steward.schemas.agent.rules;

import org.jspecify.annotations.NullMarked;
