/// Tests of io.steward.sandbox.output.
@NullMarked
package io.steward.sandbox.output;

import org.jspecify.annotations.NullMarked;
