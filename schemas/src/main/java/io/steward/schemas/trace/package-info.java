/// Traces: the W3C context that requests and records carry, and what a service needs to record
/// spans (ADR 32).
@NullMarked
package io.steward.schemas.trace;

import org.jspecify.annotations.NullMarked;
