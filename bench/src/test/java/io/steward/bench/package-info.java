/// Tests of the arguments.
@NullMarked
package io.steward.bench;

import org.jspecify.annotations.NullMarked;
