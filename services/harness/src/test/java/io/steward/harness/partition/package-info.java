/// Tests of `partition`.
@NullMarked
package io.steward.harness.partition;

import org.jspecify.annotations.NullMarked;
