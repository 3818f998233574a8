/// What is looked at across a whole run: latency, secrets in what was written, the other SDK.
@NullMarked
package io.steward.e2e.report;

import org.jspecify.annotations.NullMarked;
