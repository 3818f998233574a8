/// Tests of what `/proc` says.
@NullMarked
package io.steward.bench.steward;

import org.jspecify.annotations.NullMarked;
