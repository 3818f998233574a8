/// Tests of what `./steward tail` prints.
@NullMarked
package io.steward.devbox.tail;

import org.jspecify.annotations.NullMarked;
