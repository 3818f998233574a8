/// Tests of how agents and environments look on the wire.
@NullMarked
package io.steward.schemas.agent;

import org.jspecify.annotations.NullMarked;
