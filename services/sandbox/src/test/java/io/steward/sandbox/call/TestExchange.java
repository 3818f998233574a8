package io.steward.sandbox.call;

import io.steward.sandbox.mount.Mounts;
import io.steward.sandbox.output.OutputLimits;
import io.steward.sandbox.output.Outputs;
import io.steward.sandbox.save.Heads;
import io.steward.sandbox.save.InMemoryHeads;
import io.steward.sandbox.save.InMemoryWorkspaces;
import io.steward.sandbox.save.SaveCounts;
import io.steward.sandbox.save.SaveLimits;
import io.steward.sandbox.save.SavePoints;
import io.steward.schemas.blob.BlobStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;

/// The ways in and out for files, with the limits of a small installation.
final class TestExchange {
  private TestExchange() {}

  /// @param root directory with a directory per session
  static SessionFiles.Exchange of(Path root, BlobStore blobs, Outbox outbox) {
    return of(root, blobs, outbox, new InMemoryHeads());
  }

  static SessionFiles.Exchange of(Path root, BlobStore blobs, Outbox outbox, Heads heads) {
    return new SessionFiles.Exchange(
        new Mounts(blobs, new Mounts.Limits(64L << 20, 10_000, Duration.ofSeconds(10))),
        new Outputs(
            root,
            blobs,
            outbox,
            InstantSource.system(),
            new OutputLimits(32L << 20, 100, 256L << 20)),
        saves(root, blobs, heads));
  }

  static SavePoints saves(Path root, BlobStore blobs, Heads heads) {
    return new SavePoints(
        new SavePoints.Parts(
            root,
            blobs,
            heads,
            new InMemoryWorkspaces(heads),
            InstantSource.system(),
            new SaveLimits(
                256L << 20,
                50_000,
                Duration.ofSeconds(30),
                2,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10))),
        new SaveCounts());
  }
}
