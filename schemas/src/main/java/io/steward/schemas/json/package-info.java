/// The one JSON dialect of the wire and of the topics.
@NullMarked
package io.steward.schemas.json;

import org.jspecify.annotations.NullMarked;
