/// The JSON dialect.
@NullMarked
package io.steward.schemas.json;

import org.jspecify.annotations.NullMarked;
