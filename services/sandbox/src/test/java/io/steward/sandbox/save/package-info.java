/// Tests of io.steward.sandbox.save.
@NullMarked
package io.steward.sandbox.save;

import org.jspecify.annotations.NullMarked;
