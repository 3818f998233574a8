/// Tests of io.steward.sandbox.call.
@NullMarked
package io.steward.sandbox.call;

import org.jspecify.annotations.NullMarked;
