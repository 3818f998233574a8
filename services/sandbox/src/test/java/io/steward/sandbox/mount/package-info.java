/// Tests of io.steward.sandbox.mount.
@NullMarked
package io.steward.sandbox.mount;

import org.jspecify.annotations.NullMarked;
