/// The package of production's streams, for what the simulation needs of it.
@NullMarked
package io.steward.sessionlog.stream;

import org.jspecify.annotations.NullMarked;
