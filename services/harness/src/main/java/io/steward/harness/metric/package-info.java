/// What an operator sees of this instance in numbers.
@NullMarked
package io.steward.harness.metric;

import org.jspecify.annotations.NullMarked;
