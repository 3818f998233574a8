/// Blobs in a directory.
@NullMarked
package io.steward.schemas.blob;

import org.jspecify.annotations.NullMarked;
