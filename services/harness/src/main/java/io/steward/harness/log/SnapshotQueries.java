package io.steward.harness.log;

import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.query.SessionQuery;
import io.steward.schemas.query.SessionSnapshot;
import io.steward.schemas.session.Session;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Asks session-log for folded sessions. A question is asked again, with growing patience, until it
/// is answered: without the answer nothing can be done for the session.
public final class SnapshotQueries {
  private static final Logger LOG = Logger.getLogger(SnapshotQueries.class);
  private static final Duration PATIENCE = Duration.ofMillis(500);
  private static final Duration PATIENCE_MAX = Duration.ofSeconds(4);

  private final Producer<String, byte[]> producer;
  private final RecordFormat format;
  private final InstantSource clock;
  private final DeadLetters deadLetters;
  private final Map<String, Answer> open = new ConcurrentHashMap<>();

  public SnapshotQueries(
      Producer<String, byte[]> producer,
      RecordFormat format,
      InstantSource clock,
      DeadLetters deadLetters) {
    this.producer = producer;
    this.format = format;
    this.clock = clock;
    this.deadLetters = deadLetters;
  }

  /// The parts of answers as they come, by answer and index: every replica of session-log may
  /// answer, and only the parts of one belong together. Each attempt collects for itself.
  private record Answer(
      Map<String, Map<Integer, Part>> parts, CompletableFuture<List<FoldedSession>> whole) {
    /// The parts of the answer this part belongs to, with it.
    Map<Integer, Part> with(Part part) {
      Map<Integer, Part> together =
          parts.computeIfAbsent(
              Objects.requireNonNullElse(part.snapshot().answerId(), ""), _ -> new TreeMap<>());
      together.put(part.snapshot().index(), part);
      return together;
    }
  }

  private record Part(SessionSnapshot snapshot, long bytes) {}

  /// The unfinished sessions of the partition, or the one session if it exists, with every record
  /// below `offset` folded in. Blocks until session-log has answered.
  public List<FoldedSession> ask(int partition, @Nullable SessionId session, long offset)
      throws InterruptedException {
    CompletableFuture<List<FoldedSession>> whole = new CompletableFuture<>();
    List<String> ids = new ArrayList<>();
    Duration patience = PATIENCE;
    try {
      while (true) {
        String id = Ids.random("qry_");
        ids.add(id);
        open.put(id, new Answer(new HashMap<>(), whole));
        send(new SessionQuery(id, partition, session, offset, Session.FOLD_VERSION));
        try {
          return whole.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
          LOG.infof(
              "session-log has not answered yet partition=%d session_id=%s", partition, session);
        } catch (ExecutionException e) {
          throw new IllegalStateException(e.getCause());
        }
        Duration doubled = patience.multipliedBy(2);
        patience = doubled.compareTo(PATIENCE_MAX) < 0 ? doubled : PATIENCE_MAX;
      }
    } finally {
      ids.forEach(open::remove);
    }
  }

  private void send(SessionQuery query) {
    Envelope envelope =
        Envelope.of(
            query.queryId(),
            SessionQuery.TYPE,
            "/services/harness",
            query.queryId(),
            clock.instant());
    Future<RecordMetadata> _ =
        producer.send(
            format.encode(
                Topics.SESSION_QUERIES,
                query.partition(),
                query.queryId(),
                envelope,
                Json.bytes(query)));
  }

  /// Takes in a record of `session-snapshots`. One thread calls this.
  public void accept(ConsumerRecord<String, byte[]> record) {
    Answer answer = record.key() == null ? null : open.get(record.key());
    if (answer == null || record.value() == null) {
      return; // Somebody else's question, or one that was answered.
    }
    try {
      byte[] json = format.decode(record).json();
      SessionSnapshot snapshot = Json.read(json, SessionSnapshot.class);
      if (snapshot.foldVersion() != Session.FOLD_VERSION) {
        LOG.warnf("session-log folds with version %d", snapshot.foldVersion());
        return;
      }
      Map<Integer, Part> parts = answer.with(new Part(snapshot, json.length));
      if (snapshot.total() == 0 || parts.size() == snapshot.total()) {
        answer.whole().complete(sessions(parts.values()));
      }
    } catch (UnreadableRecordException e) {
      deadLetters.add(record, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) { // Asked again; the other answers must get through.
      LOG.debugf(e, "A record cannot be read");
      deadLetters.add(record, e.getClass().getSimpleName());
    }
  }

  private static List<FoldedSession> sessions(Collection<Part> parts) {
    List<FoldedSession> sessions = new ArrayList<>();
    for (Part part : parts) {
      Session session = part.snapshot().session();
      if (session != null) {
        sessions.add(new FoldedSession(session, part.bytes()));
      }
    }
    return List.copyOf(sessions);
  }
}
