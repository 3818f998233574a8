/// Blobs in a bucket that speaks S3's protocol, and the choice between that and a directory.
/// Nothing else in the project knows the AWS SDK.
@NullMarked
package io.steward.schemas.blob.s3;

import org.jspecify.annotations.NullMarked;
