/// Tests of what `./steward tail` prints.
@NullMarked
package io.steward.devbox.program;

import org.jspecify.annotations.NullMarked;
