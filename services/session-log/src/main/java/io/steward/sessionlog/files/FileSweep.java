package io.steward.sessionlog.files;

import io.quarkus.runtime.StartupEvent;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.id.SessionId;
import io.steward.sessionlog.project.Sessions;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/// Removes bytes that no file needs any more, and rows that nobody may see any more. Every replica
/// sweeps; a file's row is locked while its bytes go.
@Singleton
class FileSweep {
  private static final Logger LOG = Logger.getLogger(FileSweep.class);

  /// How often this is done.
  static final Duration INTERVAL = Duration.ofMinutes(1);

  /// How long after its expiry a file is still listed.
  static final Duration EXPIRED_KEPT = Duration.ofDays(30);

  /// How long an upload may be under way, and a copy may wait for its session, before it is given
  /// up.
  static final Duration UNSETTLED_KEPT = Duration.ofDays(1);

  /// How long the row of a deleted file stays.
  static final Duration DELETED_KEPT = Duration.ofDays(1);

  /// How long the bytes of a deleted output stay: an agent that writes the same again has the same
  /// file again, and the record that says so may be on its way.
  static final Duration BYTES_KEPT = Duration.ofMinutes(5);

  /// How long the bytes of a removed resource's copy stay: calls that were given it may be on their
  /// way to a sandbox.
  static final Duration REMOVED_COPY_KEPT = Duration.ofDays(1);

  /// How many files one sweep frees, of each kind.
  private static final int FREED_MAX = 1_000;

  private final PostgresFiles files;
  private final BlobStore blobs;
  private final Predicate<SessionId> complete;
  private final InstantSource clock;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("file-sweep").factory());

  @Inject
  FileSweep(PostgresFiles files, BlobStore blobs, Sessions sessions, InstantSource clock) {
    this(files, blobs, sessions::complete, clock);
  }

  /// @param complete whether the database knows everything the log says of a session
  FileSweep(
      PostgresFiles files, BlobStore blobs, Predicate<SessionId> complete, InstantSource clock) {
    this.files = files;
    this.blobs = blobs;
    this.complete = complete;
    this.clock = clock;
  }

  void start(@Observes StartupEvent event) {
    var _ =
        thread.scheduleWithFixedDelay(
            this::round, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  @PreDestroy
  void stop() {
    thread.shutdownNow();
  }

  /// Removes the bytes of an upload that was deleted just now.
  void deleted(StoredFile file) {
    if (file.origin() == StoredFile.Origin.UPLOAD) {
      free(file, clock.instant());
    }
  }

  private void round() {
    try {
      sweep(clock.instant());
    } catch (RuntimeException e) {
      LOG.warnf("Files could not be swept, later again: %s", e.getMessage());
    }
  }

  /// One round.
  void sweep(Instant now) {
    Instant unsettledSince = now.minus(UNSETTLED_KEPT);
    int givenUp = files.giveUp(unsettledSince, now);
    freeUnclaimed(unsettledSince, now);
    List<StoredFile> toFree =
        files.toFree(now.minus(BYTES_KEPT), now.minus(REMOVED_COPY_KEPT), now, FREED_MAX);
    toFree.forEach(file -> free(file, now));
    int forgotten = files.forget(now.minus(DELETED_KEPT), now.minus(EXPIRED_KEPT));
    if (givenUp + toFree.size() + forgotten > 0) {
      LOG.infof(
          "Files swept: %d given up, %d freed, %d forgotten", givenUp, toFree.size(), forgotten);
    }
  }

  /// Removes copies for sessions that never came to be. A database that is being projected again
  /// lacks sessions that are there, so the log is asked first. What cannot be known now waits.
  private void freeUnclaimed(Instant since, Instant now) {
    Set<Integer> behind = new HashSet<>();
    for (StoredFile copy : files.unclaimed(since, FREED_MAX)) {
      SessionId session = Objects.requireNonNull(copy.scope());
      if (behind.contains(session.partition())) {
        continue;
      }
      if (!complete.test(session)) {
        behind.add(session.partition());
        continue;
      }
      try {
        if (files.freeUnclaimed(copy, now, () -> complete.test(session), () -> remove(copy))) {
          LOG.infof("session_id=%s never came; its copy %s is removed", session, copy.id());
        }
      } catch (RuntimeException e) {
        LOG.warnf("file_id=%s keeps its bytes for now: %s", copy.id(), e.getMessage());
      }
    }
  }

  private void free(StoredFile file, Instant now) {
    try {
      files.free(file, now, () -> remove(file));
    } catch (RuntimeException e) {
      LOG.warnf("file_id=%s keeps its bytes for now: %s", file.id(), e.getMessage());
    }
  }

  private void remove(StoredFile file) {
    try {
      if (file.origin() == StoredFile.Origin.UPLOAD) {
        blobs.deleteAll(UploadRoutes.uploadPrefix(file.id()));
      } else {
        blobs.delete(file.blobKey());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
