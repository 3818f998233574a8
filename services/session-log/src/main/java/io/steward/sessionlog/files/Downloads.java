package io.steward.sessionlog.files;

import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import jakarta.inject.Singleton;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/// The downloads that are under way, which are limited, because each holds a little memory as long
/// as its client takes its time.
@Singleton
class Downloads {
  /// How many downloads may be under way.
  static final int DOWNLOADS_MAX = 64;

  private static final Duration RETRY = Duration.ofSeconds(5);

  private final BlobStore blobs;
  private final Semaphore room = new Semaphore(DOWNLOADS_MAX);

  Downloads(BlobStore blobs) {
    this.blobs = blobs;
  }

  /// The bytes under `blobKey`; the download ends when they are closed.
  ///
  /// @throws ApiException 429 when there are too many
  /// @throws java.nio.file.NoSuchFileException when there are no such bytes
  InputStream open(String blobKey) throws IOException {
    if (!room.tryAcquire()) {
      throw new ApiException(
          ApiError.rateLimited(
              "There are " + DOWNLOADS_MAX + " downloads under way, which is the limit.", RETRY));
    }
    try {
      return new Download(blobs.open(blobKey), room);
    } catch (IOException | RuntimeException e) {
      room.release();
      throw e;
    }
  }

  private static final class Download extends FilterInputStream {
    private final Semaphore room;
    private final AtomicBoolean closed = new AtomicBoolean();

    Download(InputStream content, Semaphore room) {
      super(content);
      this.room = room;
    }

    @Override
    public void close() throws IOException {
      if (closed.compareAndSet(false, true)) {
        room.release();
        super.close();
      }
    }
  }
}
