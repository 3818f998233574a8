/// Tests of the package of the same name.
@NullMarked
package io.steward.devbox.supervise;

import org.jspecify.annotations.NullMarked;
