/// Spans of turns, model requests and tool calls, with OpenTelemetry's conventions for generative
/// AI (ADR 32).
@NullMarked
package io.steward.harness.trace;

import org.jspecify.annotations.NullMarked;
