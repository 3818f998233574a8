/// Tests of io.steward.sandbox.shim.
@NullMarked
package io.steward.sandbox.shim;

import org.jspecify.annotations.NullMarked;
