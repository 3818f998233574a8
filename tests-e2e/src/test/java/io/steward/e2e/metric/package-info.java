/// Metrics of a running Steward, and what is made of them.
@NullMarked
package io.steward.e2e.metric;

import org.jspecify.annotations.NullMarked;
