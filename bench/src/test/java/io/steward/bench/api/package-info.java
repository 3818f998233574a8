/// The generator against a server in this process.
@NullMarked
package io.steward.bench.api;

import org.jspecify.annotations.NullMarked;
