package io.steward.schemas.blob.s3;

import java.util.Optional;

/// What an operator can set of the bucket, as each service's settings have it. Without a bucket
/// blobs are in a directory.
public interface S3Settings {
  /// The bucket, which must be there. Environment: `STEWARD_BLOB_S3_BUCKET`.
  Optional<String> bucket();

  /// What all keys begin with, such as `steward/blobs`, so that several may share a bucket.
  /// Environment: `STEWARD_BLOB_S3_PREFIX`.
  Optional<String> prefix();

  /// The region that signatures name. Without one it comes from where the AWS SDK looks, and beside
  /// an endpoint it is `us-east-1`. Environment: `STEWARD_BLOB_S3_REGION`.
  Optional<String> region();

  /// Address of a store that is not AWS', `http` or `https`. Environment:
  /// `STEWARD_BLOB_S3_ENDPOINT`.
  Optional<String> endpoint();

  /// Whether the bucket is part of the path, `true`, or of the host's name, `false`, which is the
  /// default. Environment: `STEWARD_BLOB_S3_PATH_STYLE`.
  Optional<String> pathStyle();
}
