/// Between records and bytes.
@NullMarked
package io.steward.schemas.record;

import org.jspecify.annotations.NullMarked;
