/// The public API as a client without a library uses it.
@NullMarked
package io.steward.bench.api;

import org.jspecify.annotations.NullMarked;
