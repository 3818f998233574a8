/// Identifiers.
@NullMarked
package io.steward.schemas.id;

import org.jspecify.annotations.NullMarked;
