package io.steward.sessionlog.project;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.SessionLogMetrics;
import io.steward.sessionlog.log.KafkaClients;
import io.steward.sessionlog.log.Positions;
import io.steward.sessionlog.log.Tail;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/// Reads every record of `session-events` in order, folds sessions and writes rows. What its
/// position has passed is in the database.
@Singleton
class Projection {
  private static final Logger LOG = Logger.getLogger(Projection.class);

  private final PostgresProjection store;
  private final SessionFolds folds;
  private final Purge purge;
  private final RecordReader reader;
  private final SessionLogMetrics metrics;
  private final List<Consumer<SessionId>> onSetAside = new CopyOnWriteArrayList<>();
  private final Tail tail;
  private final int partitions;
  private volatile Map<Integer, Long> stored = Map.of();
  private volatile Map<TopicPartition, Long> endAtStart = Map.of();

  @Inject
  Projection(
      KafkaClients clients,
      PostgresProjection store,
      RecordFormat format,
      Purge purge,
      SessionLogMetrics metrics,
      SessionLogConfig config) {
    this(clients.consumer(), store, format, purge, metrics, config);
  }

  /// @param consumer of `session-events`
  Projection(
      org.apache.kafka.clients.consumer.Consumer<String, byte[]> consumer,
      PostgresProjection store,
      RecordFormat format,
      Purge purge,
      SessionLogMetrics metrics,
      SessionLogConfig config) {
    this.store = store;
    this.purge = purge;
    this.metrics = metrics;
    this.reader = new RecordReader(format, metrics);
    this.partitions = config.sessionPartitions();
    this.folds = new SessionFolds(config.sessionLog().foldsBytesMax().asLongValue());
    this.tail =
        new Tail(
            "projection",
            consumer,
            KafkaClients.partitions(Topics.SESSION_EVENTS, partitions),
            this::seek,
            this::read);
    metrics.show("projection.lag.records", "Offsets not yet in the database", tail, Tail::lag);
  }

  void start(@Observes StartupEvent event) {
    tail.start();
    store.toPurge().forEach(this::purge);
  }

  /// While the database is still there: what is being written is finished.
  void shutdown(@Observes ShutdownEvent event) {
    tail.close();
  }

  @PreDestroy
  void stop() {
    tail.close();
  }

  /// Tells, on the projection's thread, of sessions that are set aside from now on.
  void onSetAside(Consumer<SessionId> listener) {
    onSetAside.add(listener);
  }

  /// How far the database has come.
  Positions positions() {
    return tail.positions();
  }

  SessionFolds folds() {
    return folds;
  }

  /// Whether everything that was on the topic when this replica started is in the database.
  boolean caughtUp() {
    return tail.running()
        && endAtStart.entrySet().stream()
            .allMatch(end -> tail.positions().of(end.getKey()) >= end.getValue());
  }

  /// Whether the database still holds what this replica knows to be there.
  boolean intact() {
    Map<Integer, Long> known = stored;
    return lost(known, store.positions(partitions)).isEmpty();
  }

  private void seek(
      org.apache.kafka.clients.consumer.Consumer<String, byte[]> consumer,
      Set<TopicPartition> assigned) {
    Map<TopicPartition, Long> end = consumer.endOffsets(assigned);
    stored = store.positions(partitions);
    for (TopicPartition partition : assigned) {
      consumer.seek(partition, stored.getOrDefault(partition.partition(), 0L));
    }
    endAtStart = Map.copyOf(end);
  }

  private void read(ConsumerRecords<String, byte[]> records, Map<TopicPartition, Long> after) {
    Map<Integer, Long> next = new HashMap<>();
    after.forEach((partition, offset) -> next.put(partition.partition(), offset));
    try {
      take(records, next);
    } catch (RuntimeException e) {
      if (mayPass(e)) {
        throw e;
      }
      LOG.warnf("%d records cannot be stored together: %s", records.count(), e);
      takeOneByOne(records, next);
    }
  }

  private void take(Iterable<ConsumerRecord<String, byte[]>> records, Map<Integer, Long> next) {
    Pass pass = new Pass();
    for (ConsumerRecord<String, byte[]> record : records) {
      switch (reader.read(record)) {
        case ReadRecord.Readable readable -> pass.take(readable);
        case ReadRecord.Unreadable unreadable -> pass.take(unreadable);
        case ReadRecord.Nothing _ -> {}
      }
    }
    write(pass.batch(next));
    pass.deleted.forEach(this::purge);
    pass.orphans.forEach(purge::orphans);
  }

  /// One record that fails each time would stop its partition for ever. So the others are taken
  /// without it, and its session is set aside.
  private void takeOneByOne(ConsumerRecords<String, byte[]> records, Map<Integer, Long> next) {
    for (ConsumerRecord<String, byte[]> record : records) {
      RecordReader.session(record).ifPresent(folds::remove); // It may hold what was not written.
    }
    for (ConsumerRecord<String, byte[]> record : records) {
      Map<Integer, Long> upTo = new HashMap<>(stored);
      upTo.merge(record.partition(), record.offset() + 1, Math::max);
      try {
        take(List.of(record), upTo);
      } catch (RuntimeException e) {
        if (mayPass(e)) {
          throw e;
        }
        setAside(record, e, upTo);
      }
    }
    write(new Batch(List.of(), List.of(), List.of(), next));
  }

  private void setAside(
      ConsumerRecord<String, byte[]> record, RuntimeException failure, Map<Integer, Long> upTo) {
    SessionId id = RecordReader.session(record).orElseThrow(() -> failure);
    LOG.errorf(
        failure, "session_id=%s: the record at offset %d cannot be stored", id, record.offset());
    folds.remove(id);
    Pass pass = new Pass();
    String keyId = RecordReader.keyId(record).replace("\0", ""); // No text column takes it.
    pass.take(reader.unreadable(record, id, keyId, "it cannot be stored"));
    write(pass.batch(upTo));
  }

  /// Whether the same may succeed when it is tried again.
  private static boolean mayPass(RuntimeException failure) {
    return failure instanceof DependencyAwayException
        || failure instanceof UncheckedIOException
        || failure instanceof Tail.Rewind
        || failure instanceof KafkaException;
  }

  private void write(Batch batch) {
    while (true) {
      Batch forward = batch.notBefore(stored);
      if (stored.entrySet().containsAll(forward.after().entrySet())) {
        return;
      }
      if (store.write(forward, stored)) {
        stored = Map.copyOf(forward.after());
        return;
      }
      Map<Integer, Long> before = stored;
      stored = store.positions(partitions);
      Map<TopicPartition, Long> lost = lost(before, stored);
      if (!lost.isEmpty()) {
        folds.clear();
        throw new Tail.Rewind(lost);
      }
    }
  }

  /// Positions that went back: the database crashed and lost its newest commits, and rows with
  /// them.
  static Map<TopicPartition, Long> lost(Map<Integer, Long> stored, Map<Integer, Long> now) {
    Map<TopicPartition, Long> lost = new HashMap<>();
    stored.forEach((partition, offset) -> {
      long found = now.getOrDefault(partition, 0L);
      if (found < offset) {
        lost.put(new TopicPartition(Topics.SESSION_EVENTS, partition), found);
      }
    });
    return lost;
  }

  private void purge(SessionId id) {
    purge.session(id, () -> folds.remove(id));
  }

  /// One way through a batch of records.
  private final class Pass {
    private final List<Rows.RecordRow> recordRows = new ArrayList<>();
    private final Map<Rows.EventKey, Rows.EventRow> eventRows = new LinkedHashMap<>();
    private final Map<SessionId, SessionFolds.Loaded> sessions = new LinkedHashMap<>();
    private final Map<SessionId, Long> nextOffsets = new HashMap<>();
    private final Set<SessionId> deleted = new LinkedHashSet<>();
    private final Map<SessionId, List<String>> orphans = new LinkedHashMap<>();

    void take(ReadRecord.Readable read) {
      SessionId id = read.record().sessionId();
      SessionFolds.Loaded before = before(id, read.record().offset());
      Session session = before.session().apply(read.record());
      fold(id, before, session, before.bytes() + read.json().length, read.record().offset());
      if (session instanceof Session.Absent && gone(id)) {
        orphans.computeIfAbsent(id, _ -> new ArrayList<>()).add(read.keyId());
        return;
      }
      recordRows.add(Rows.record(read));
      Instant lastEventAt =
          before.session().known().map(SessionFacts::lastEventAt).orElse(Instant.EPOCH);
      Rows.events(read, lastEventAt)
          .forEach(row -> eventRows.merge(row.key(), row, Rows.EventRow::movedBy));
      if (read.record().body()
          instanceof SessionRecord.EventRecorded(SessionEvent.SessionDeleted _)) {
        deleted.add(id);
      }
    }

    /// A session without a single record was deleted; one whose first record is unreadable was not.
    private boolean gone(SessionId id) {
      return recordRows.stream().noneMatch(row -> row.sessionId().equals(id.value()))
          && store.recordIds(id).isEmpty();
    }

    void take(ReadRecord.Unreadable read) {
      SessionFolds.Loaded before = before(read.sessionId(), read.offset());
      fold(
          read.sessionId(),
          before,
          before.session().setAside(read.offset(), read.reason()),
          before.bytes(),
          read.offset());
      recordRows.add(Rows.record(read));
    }

    private SessionFolds.Loaded before(SessionId id, long offset) {
      SessionFolds.Loaded known = sessions.get(id);
      return known != null ? known : folds.recent(id).orElseGet(() -> store.load(id, offset));
    }

    private void fold(
        SessionId id, SessionFolds.Loaded before, Session session, long bytes, long offset) {
      SessionFolds.Loaded now = new SessionFolds.Loaded(session, bytes);
      if (session instanceof Session.SetAside aside
          && !(before.session() instanceof Session.SetAside)) {
        LOG.errorf("session_id=%s is set aside at offset %d: %s", id, offset, aside.reason());
        metrics.sessionSetAside();
        onSetAside.forEach(listener -> listener.accept(id));
      }
      sessions.put(id, now);
      nextOffsets.put(id, offset + 1);
      folds.publish(id, now, offset + 1);
    }

    Batch batch(Map<Integer, Long> after) {
      List<Rows.SessionRow> sessionRows = new ArrayList<>();
      sessions.forEach((id, now) -> {
        if (!(now.session() instanceof Session.Absent)) {
          sessionRows.add(
              Rows.session(
                  id, now.session(), nextOffsets.getOrDefault(id, 0L), deleted.contains(id)));
        }
      });
      return new Batch(recordRows, List.copyOf(eventRows.values()), sessionRows, after);
    }
  }
}
