/// Tests of what the harness counts.
@NullMarked
package io.steward.harness.metric;

import org.jspecify.annotations.NullMarked;
