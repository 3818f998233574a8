/// Tests of spans, with the SDK of OpenTelemetry.
@NullMarked
package io.steward.harness.trace;

import org.jspecify.annotations.NullMarked;
