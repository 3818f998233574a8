/// `./steward bench`: load and latency of a Steward of its own, against targets.
@NullMarked
package io.steward.bench;

import org.jspecify.annotations.NullMarked;
