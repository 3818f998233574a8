/// The package of production's tool calls, for what the simulation needs of it.
@NullMarked
package io.steward.sandbox.call;

import org.jspecify.annotations.NullMarked;
