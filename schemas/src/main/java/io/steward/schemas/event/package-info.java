/// Public events of a session, exactly as the API returns them.
@NullMarked
package io.steward.schemas.event;

import org.jspecify.annotations.NullMarked;
