/// Which calls were made, and what came of them: the memory that keeps a call from running twice. A
/// row is committed before the first byte of its call runs and outlives every sandbox.
@NullMarked
package io.steward.sandbox.journal;

import org.jspecify.annotations.NullMarked;
