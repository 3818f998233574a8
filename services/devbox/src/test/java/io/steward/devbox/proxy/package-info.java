/// Tests of the package of the same name.
@NullMarked
package io.steward.devbox.proxy;

import org.jspecify.annotations.NullMarked;
