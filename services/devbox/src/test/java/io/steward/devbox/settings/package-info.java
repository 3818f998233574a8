/// Tests of the package of the same name.
@NullMarked
package io.steward.devbox.settings;

import org.jspecify.annotations.NullMarked;
