/// Where bodies live that are too large for a record.
@NullMarked
package io.steward.schemas.blob;

import org.jspecify.annotations.NullMarked;
