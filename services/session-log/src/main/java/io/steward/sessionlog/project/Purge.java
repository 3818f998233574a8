package io.steward.sessionlog.project;

import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.id.SessionId;
import io.steward.sessionlog.log.LogWriter;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// Removes what is left of a session once `session.deleted` was read: a tombstone for each record,
/// then blobs, then rows, also those of its files. The rows go last, so a crash in between only
/// repeats the work.
@Singleton
class Purge {
  private static final Logger LOG = Logger.getLogger(Purge.class);
  private static final long RETRY_SECONDS = 5;

  private final PostgresProjection store;
  private final LogWriter writer;
  private final BlobStore blobs;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("purge").factory());

  Purge(PostgresProjection store, LogWriter writer, BlobStore blobs) {
    this.store = store;
    this.writer = writer;
    this.blobs = blobs;
  }

  /// Removes a session, soon.
  ///
  /// @param done is called when nothing is left
  void session(SessionId id, Runnable done) {
    thread.execute(() -> attempt(id, done));
  }

  /// Writes tombstones for records of a session that is gone already, soon.
  void orphans(SessionId id, List<String> recordIds) {
    thread.execute(() -> {
      LOG.warnf("session_id=%s is gone; %d late records are removed", id, recordIds.size());
      try {
        writer.bury(id, recordIds);
      } catch (RuntimeException e) {
        LOG.warnf("session_id=%s: late records stay for now: %s", id, e.getMessage());
      }
    });
  }

  @PreDestroy
  void stop() {
    thread.shutdownNow();
  }

  private void attempt(SessionId id, Runnable done) {
    try {
      List<String> recordIds = store.recordIds(id);
      writer.bury(id, recordIds);
      deleteBlobs(id);
      store.delete(id);
      done.run();
      LOG.infof("session_id=%s is deleted with its %d records", id, recordIds.size());
    } catch (RuntimeException e) {
      LOG.warnf("session_id=%s cannot be deleted yet: %s", id, e.getMessage());
      var _ = thread.schedule(() -> attempt(id, done), RETRY_SECONDS, TimeUnit.SECONDS);
    }
  }

  private void deleteBlobs(SessionId id) {
    try {
      blobs.deleteAll(id.value());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
