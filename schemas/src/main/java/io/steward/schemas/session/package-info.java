/// The fold of a session and the decision that follows from it: pure functions, no I/O, no clock.
@NullMarked
package io.steward.schemas.session;

import org.jspecify.annotations.NullMarked;
