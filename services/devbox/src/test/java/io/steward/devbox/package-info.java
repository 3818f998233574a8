/// Tests of the package of the same name.
@NullMarked
package io.steward.devbox;

import org.jspecify.annotations.NullMarked;
