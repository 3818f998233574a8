package io.steward.harness.stage;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.query.SessionQuery;
import io.steward.schemas.query.SessionSnapshot;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Stands in for session-log: folds everything, and answers the harness's questions.
public final class LogKeeper implements Runnable, AutoCloseable {
  private final Consumer<String, byte[]> consumer;
  private final Producer<String, byte[]> producer;
  private final RecordFormat format;
  private final int partitions;
  private final Map<SessionId, Session> sessions = new ConcurrentHashMap<>();
  private final Map<SessionId, List<LoggedRecord>> logs = new ConcurrentHashMap<>();
  private final Map<String, Long> seen = new ConcurrentHashMap<>();
  private final List<SessionQuery> waiting = new ArrayList<>();
  private final Thread thread;
  private volatile boolean stopped;

  public LogKeeper(
      Consumer<String, byte[]> consumer,
      Producer<String, byte[]> producer,
      RecordFormat format,
      int partitions) {
    this.consumer = consumer;
    this.producer = producer;
    this.format = format;
    this.partitions = partitions;
    this.thread = Thread.ofPlatform().name("log-keeper").start(this);
  }

  public Session session(SessionId id) {
    return sessions.getOrDefault(id, Session.ABSENT);
  }

  public List<LoggedRecord> log(SessionId id) {
    return List.copyOf(logs.getOrDefault(id, List.of()));
  }

  /// When the event of a client was first read here, by the clock of `System.nanoTime`.
  public long seenNanos(String eventId) {
    return seen.getOrDefault(eventId, Long.MAX_VALUE);
  }

  @Override
  public void close() throws InterruptedException {
    stopped = true;
    thread.join();
  }

  @Override
  public void run() {
    List<TopicPartition> all = new ArrayList<>();
    for (int partition = 0; partition < partitions; partition++) {
      all.add(new TopicPartition(Topics.SESSION_EVENTS, partition));
      all.add(new TopicPartition(Topics.SESSION_QUERIES, partition));
    }
    consumer.assign(all);
    consumer.seekToBeginning(all);
    while (!stopped) {
      for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(20))) {
        try {
          take(record);
        } catch (UnreadableRecordException _) {
          // Those who must read it say so.
        }
      }
      answer();
    }
    consumer.close();
    producer.close();
  }

  private void take(ConsumerRecord<String, byte[]> record) throws UnreadableRecordException {
    if (record.topic().equals(Topics.SESSION_QUERIES)) {
      waiting.add(Json.read(format.decode(record).json(), SessionQuery.class));
      return;
    }
    format
        .decodeSession(record)
        .ifPresent(logged -> {
          if (logged.body() instanceof SessionRecord.EventsSent sent) {
            sent.events().forEach(event -> seen.put(event.id(), System.nanoTime()));
          }
          logs.computeIfAbsent(logged.sessionId(), _ -> new CopyOnWriteArrayList<>()).add(logged);
          sessions.merge(
              logged.sessionId(),
              Session.ABSENT.apply(logged),
              (before, _) -> before.apply(logged));
        });
  }

  private void answer() {
    for (Iterator<SessionQuery> queries = waiting.iterator(); queries.hasNext(); ) {
      SessionQuery query = queries.next();
      long covered =
          consumer.position(new TopicPartition(Topics.SESSION_EVENTS, query.partition()));
      if (covered >= query.fromOffset()) {
        queries.remove();
        List<Session> found =
            sessions.entrySet().stream()
                .filter(entry -> entry.getKey().partition() == query.partition())
                .filter(entry ->
                    query.sessionId() == null
                        ? !(Step.next(entry.getValue(), Step.Limits.UNBOUNDED) instanceof Step.Rest)
                        : entry.getKey().equals(query.sessionId()))
                .map(Map.Entry::getValue)
                .toList();
        for (int i = 0; i < Math.max(1, found.size()); i++) {
          reply(query, i, found.size(), found.isEmpty() ? null : found.get(i), covered);
        }
      }
    }
  }

  private void reply(
      SessionQuery query, int index, int total, @Nullable Session session, long covered) {
    SessionSnapshot part =
        new SessionSnapshot(query.queryId(), index, total, session, covered, Session.FOLD_VERSION);
    Envelope envelope =
        Envelope.of(
            query.queryId() + "-" + index,
            SessionSnapshot.TYPE,
            "/test",
            query.queryId(),
            Instant.now());
    var _ =
        producer.send(
            format.encode(
                Topics.SESSION_SNAPSHOTS,
                query.partition(),
                query.queryId(),
                envelope,
                Json.bytes(part)));
  }
}
