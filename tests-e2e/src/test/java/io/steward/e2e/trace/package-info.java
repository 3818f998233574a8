/// Traces of turns, as a collector gets them.
@NullMarked
package io.steward.e2e.trace;

import org.jspecify.annotations.NullMarked;
