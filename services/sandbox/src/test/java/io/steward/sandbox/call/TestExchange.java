package io.steward.sandbox.call;

import io.steward.sandbox.mount.Mounts;
import io.steward.sandbox.output.OutputLimits;
import io.steward.sandbox.output.Outputs;
import io.steward.schemas.blob.BlobStore;
import java.nio.file.Path;
import java.time.InstantSource;

/// The ways in and out for files, with the limits of a small installation.
final class TestExchange {
  private TestExchange() {}

  /// @param root directory with a directory per session
  static SessionFiles.Exchange of(Path root, BlobStore blobs, Outbox outbox) {
    return new SessionFiles.Exchange(
        new Mounts(blobs, new Mounts.Limits(64L << 20, 10_000)),
        new Outputs(
            root,
            blobs,
            outbox,
            InstantSource.system(),
            new OutputLimits(32L << 20, 100, 256L << 20)));
  }
}
