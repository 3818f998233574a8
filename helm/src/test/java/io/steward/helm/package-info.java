/// The chart, rendered by Helm itself: what it says for each set of values, and that it installs.
@NullMarked
package io.steward.helm;

import org.jspecify.annotations.NullMarked;
