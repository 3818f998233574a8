/// Tests of the whole harness.
@NullMarked
package io.steward.harness;

import org.jspecify.annotations.NullMarked;
