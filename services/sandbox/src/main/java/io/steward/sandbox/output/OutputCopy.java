package io.steward.sandbox.output;

import io.steward.sandbox.driver.PinnedPath;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/// Copies files of one session into the blob store. What they are called there depends on their
/// content, which is known at the end; so they are stored under a passing name first.
final class OutputCopy {
  private static final long LARGE_BYTES = 16L << 20;

  private final SessionId session;
  private final BlobStore blobs;
  private final Semaphore largeCopies;
  private final BooleanSupplier stopped;

  /// A whole file.
  ///
  /// @param head its first bytes
  record Stored(FileStamp stamp, String fileId, String blobKey, String sha256, byte[] head) {}

  /// @param largeCopies how many large files are copied at once, over all sessions
  /// @param stopped ends the work with an exception
  OutputCopy(SessionId session, BlobStore blobs, Semaphore largeCopies, BooleanSupplier stopped) {
    this.session = session;
    this.blobs = blobs;
    this.largeCopies = largeCopies;
    this.stopped = stopped;
  }

  /// The key below which the outputs of `session` are.
  static String prefix(SessionId session) {
    return session.value() + "/outputs";
  }

  static boolean isLarge(FileStamp stamp) {
    return stamp.sizeBytes() > LARGE_BYTES;
  }

  /// The hash of a file, or empty when it changes meanwhile.
  Optional<String> hash(PinnedPath file, FileStamp stamp) throws IOException {
    try (MeasuredStream in = stream(file, stamp)) {
      in.skipNBytes(stamp.sizeBytes());
      return in.read() < 0 && isStill(file, stamp) ? Optional.of(in.sha256()) : Optional.empty();
    }
  }

  /// Stores a file, unless it changes meanwhile.
  ///
  /// @param path relative to the outputs directory
  Optional<Stored> store(PinnedPath file, FileStamp stamp, String path) throws IOException {
    boolean large = isLarge(stamp);
    if (large) {
      largeCopies.acquireUninterruptibly();
    }
    try {
      return storeNow(file, stamp, path);
    } finally {
      if (large) {
        largeCopies.release();
      }
    }
  }

  private Optional<Stored> storeNow(PinnedPath file, FileStamp stamp, String path)
      throws IOException {
    String passing = prefix(session) + "/" + Ids.random("incoming_");
    try (MeasuredStream in = stream(file, stamp)) {
      long written = blobs.put(passing, in);
      if (written != stamp.sizeBytes() || !isStill(file, stamp)) {
        return Optional.empty();
      }
      String sha256 = in.sha256();
      String fileId = Ids.derived("file_", session.value() + path + sha256);
      String blobKey = prefix(session) + "/" + fileId;
      blobs.copy(passing, blobKey);
      return Optional.of(new Stored(stamp, fileId, blobKey, sha256, in.head()));
    } finally {
      blobs.delete(passing);
    }
  }

  private MeasuredStream stream(PinnedPath file, FileStamp stamp) throws IOException {
    return new MeasuredStream(
        Files.newInputStream(file.path()), stamp.sizeBytes() + LARGE_BYTES, stopped);
  }

  private static boolean isStill(PinnedPath file, FileStamp stamp) throws IOException {
    return FileStamp.look(file.path()).stamp().filter(stamp::equals).isPresent();
  }
}
