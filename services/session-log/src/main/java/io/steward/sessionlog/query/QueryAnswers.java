package io.steward.sessionlog.query;

import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.query.SessionQuery;
import io.steward.schemas.query.SessionSnapshot;
import io.steward.schemas.session.Session;
import io.steward.sessionlog.log.LogWriter;
import io.steward.sessionlog.project.Sessions;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Answers queries on `session-snapshots`, once the projection has passed the offset the asker
/// names. Every replica answers; the parts of one answer carry its id, so that nobody mixes them.
/// Answers that are too large for a record leave blobs, which are removed when nobody can want them
/// any more.
@Singleton
class QueryAnswers {
  private static final Logger LOG = Logger.getLogger(QueryAnswers.class);
  private static final String SOURCE = "/services/session-log";
  private static final int ANSWERS_AT_ONCE_MAX = 4;
  private static final Duration BLOBS_KEPT = Duration.ofMinutes(10);
  private static final Duration PROJECTION_WAIT_MAX = Duration.ofSeconds(30);

  private final Sessions sessions;
  private final LogWriter writer;
  private final RecordFormat format;
  private final BlobStore blobs;
  private final InstantSource clock;
  private final Semaphore slots = new Semaphore(ANSWERS_AT_ONCE_MAX);
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory());

  QueryAnswers(
      Sessions sessions,
      LogWriter writer,
      RecordFormat format,
      BlobStore blobs,
      InstantSource clock) {
    this.sessions = sessions;
    this.writer = writer;
    this.format = format;
    this.blobs = blobs;
    this.clock = clock;
  }

  @PreDestroy
  void stop() {
    timer.shutdownNow();
  }

  /// Answers one query; waits for the projection.
  void answer(SessionQuery query) {
    Optional<Long> covered =
        sessions.passed(query.partition(), query.fromOffset(), PROJECTION_WAIT_MAX);
    if (covered.isEmpty()) {
      LOG.warnf("A query of partition %d came too early", query.partition());
      return;
    }
    slots.acquireUninterruptibly();
    try {
      String answerId = Ids.random("ans_");
      List<SessionId> wanted = wanted(query);
      for (int index = 0; index < wanted.size(); index++) {
        send(
            query,
            new SessionSnapshot(
                query.queryId(),
                index,
                wanted.size(),
                session(wanted.get(index)),
                covered.get(),
                Session.FOLD_VERSION,
                answerId));
      }
      if (wanted.isEmpty()) {
        send(
            query,
            new SessionSnapshot(
                query.queryId(), 0, 0, null, covered.get(), Session.FOLD_VERSION, answerId));
      }
    } catch (RuntimeException e) {
      LOG.warnf("A query of partition %d is not answered: %s", query.partition(), e.getMessage());
    } finally {
      slots.release();
    }
  }

  /// The session, or null when it cannot be folded: the others must be answered all the same.
  private @Nullable Session session(SessionId id) {
    try {
      return sessions.known(id);
    } catch (ApiException | DependencyAwayException | UncheckedIOException e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.errorf(e, "session_id=%s cannot be folded and is left out of an answer", id);
      return null;
    }
  }

  private List<SessionId> wanted(SessionQuery query) {
    SessionId one = query.sessionId();
    if (one == null) {
      return sessions.unfinished(query.partition());
    }
    return sessions.known(one) instanceof Session.Absent ? List.of() : List.of(one);
  }

  private void send(SessionQuery query, SessionSnapshot snapshot) {
    Instant now = clock.instant();
    Envelope envelope =
        Envelope.of(Ids.random("snap_"), SessionSnapshot.TYPE, SOURCE, query.queryId(), now);
    byte[] json = Json.bytes(snapshot);
    writer.send(
        format.encode(
            Topics.SESSION_SNAPSHOTS, query.partition(), query.queryId(), envelope, json));
    if (json.length > RecordFormat.INLINE_BYTES_MAX) {
      var _ =
          timer.schedule(
              () -> removeBlobs(query.queryId()), BLOBS_KEPT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private void removeBlobs(String queryId) {
    try {
      blobs.deleteAll(queryId);
    } catch (IOException e) {
      LOG.warnf("The blobs of query %s stay: %s", queryId, e.getMessage());
    }
  }
}
