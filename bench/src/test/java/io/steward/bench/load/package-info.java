/// Tests of schedules, the generator and distributions.
@NullMarked
package io.steward.bench.load;

import org.jspecify.annotations.NullMarked;
