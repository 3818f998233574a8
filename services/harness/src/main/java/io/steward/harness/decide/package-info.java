/// What follows from a session: pure functions from a state, a step and what came from outside to
/// the records that are to be written. No I/O, no clock, no framework; ids and chance are given.
@NullMarked
package io.steward.harness.decide;

import org.jspecify.annotations.NullMarked;
