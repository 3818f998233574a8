/// Load on a schedule fixed in advance, and the distribution of what it took.
@NullMarked
package io.steward.bench.load;

import org.jspecify.annotations.NullMarked;
