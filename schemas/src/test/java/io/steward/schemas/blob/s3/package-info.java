/// The blob store in a bucket, over the real protocol.
@NullMarked
package io.steward.schemas.blob.s3;

import org.jspecify.annotations.NullMarked;
