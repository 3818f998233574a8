package io.steward.schemas.blob.s3;

import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.DirectoryBlobStore;
import java.nio.file.Path;

/// The blob store an operator chose: a bucket when one is set, else a directory. All services of an
/// installation must be given the same one.
public final class BlobStores {
  private BlobStores() {}

  /// The store; nothing is asked of it yet, so it may be away.
  ///
  /// @param directory is used without a bucket
  /// @throws IllegalStateException with one sentence when a setting cannot be used
  public static BlobStore open(Path directory, S3Settings settings) {
    try {
      return S3Place.of(settings)
          .<BlobStore>map(S3BlobStore::open)
          .orElseGet(() -> new DirectoryBlobStore(directory));
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }
}
