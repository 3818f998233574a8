/// All of Steward on one machine: the order of start and stop, and what is said to the person at
/// the terminal.
@NullMarked
package io.steward.devbox;

import org.jspecify.annotations.NullMarked;
