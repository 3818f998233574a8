/// A Steward of the bench's own: its processes, what they use, and the machine.
@NullMarked
package io.steward.bench.steward;

import org.jspecify.annotations.NullMarked;
