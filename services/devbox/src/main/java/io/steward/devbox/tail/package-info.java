/// `./steward tail`: what happens in sessions, read from Kafka like any subscriber could. It is a
/// member of no group, commits nothing and changes nothing.
@NullMarked
package io.steward.devbox.tail;

import org.jspecify.annotations.NullMarked;
