/// `./steward bench` as a user runs it.
@NullMarked
package io.steward.e2e.bench;

import org.jspecify.annotations.NullMarked;
