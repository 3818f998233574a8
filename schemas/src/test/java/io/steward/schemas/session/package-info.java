/// The fold of a session as an executable specification: given records, when one more, then this
/// state and this step.
@NullMarked
package io.steward.schemas.session;

import org.jspecify.annotations.NullMarked;
