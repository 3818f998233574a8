/// A deterministic simulation of Steward: production logic of the harness, session-log and the
/// sandbox service against a simulated Kafka, a simulated database and a clock that obeys a seed.
/// `docs/simulation.md` says what is simulated and what must always hold.
@NullMarked
package io.steward.simulation;

import org.jspecify.annotations.NullMarked;
