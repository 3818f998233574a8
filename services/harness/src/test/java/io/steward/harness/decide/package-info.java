/// Tests of `decide`.
@NullMarked
package io.steward.harness.decide;

import org.jspecify.annotations.NullMarked;
