/// Public events and their wire types.
@NullMarked
package io.steward.schemas.event;

import org.jspecify.annotations.NullMarked;
