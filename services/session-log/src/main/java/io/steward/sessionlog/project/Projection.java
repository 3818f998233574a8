package io.steward.sessionlog.project;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.SessionLogMetrics;
import io.steward.sessionlog.log.KafkaClients;
import io.steward.sessionlog.log.KafkaLogState;
import io.steward.sessionlog.log.LogState;
import io.steward.sessionlog.log.Positions;
import io.steward.sessionlog.log.Tail;
import io.steward.sessionlog.work.Demand;
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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Reads every record of `session-events` in order, folds sessions and writes rows. What its
/// position has passed is in the database.
@Singleton
class Projection {
  private static final Logger LOG = Logger.getLogger(Projection.class);

  private static final long LOOK_SECONDS = 1;

  private final PostgresProjection store;
  private final LogState.Source log;
  private final SessionFolds folds;
  private final Purge purge;
  private final RecordReader reader;
  private final SessionLogMetrics metrics;
  private final List<Consumer<SessionId>> onSetAside = new CopyOnWriteArrayList<>();
  private final List<Consumer<String>> onWork = new CopyOnWriteArrayList<>();
  private final Tail tail;
  private final int partitions;
  private final ScheduledExecutorService lookout =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("lookout").factory());
  private volatile @Nullable String refusal;
  private volatile @Nullable String topicId;
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
    this(
        clients.strictConsumer(),
        new KafkaLogState(clients.admin(), Topics.SESSION_EVENTS),
        store,
        format,
        purge,
        metrics,
        config);
  }

  /// @param consumer of `session-events`, which throws when an offset is not there
  Projection(
      org.apache.kafka.clients.consumer.Consumer<String, byte[]> consumer,
      LogState.Source log,
      PostgresProjection store,
      RecordFormat format,
      Purge purge,
      SessionLogMetrics metrics,
      SessionLogConfig config) {
    this.store = store;
    this.log = log;
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
    metrics.show(
        "projection.refused",
        "1 while the log is not the one the projection was made from, else 0",
        this,
        projection -> projection.refusal == null ? 0 : 1);
  }

  void start(@Observes StartupEvent event) {
    tail.start();
    var _ =
        lookout.scheduleWithFixedDelay(this::look, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
  }

  /// While the database is still there: what is being written is finished.
  void shutdown(@Observes ShutdownEvent event) {
    stop();
  }

  @PreDestroy
  void stop() {
    lookout.shutdownNow();
    tail.close();
    if (log instanceof KafkaLogState asked) {
      asked.close();
    }
  }

  /// Tells, on the projection's thread, of sessions that are set aside from now on.
  void onSetAside(Consumer<SessionId> listener) {
    onSetAside.add(listener);
  }

  /// Tells, on the projection's thread, of environments in whose queue of work something may have
  /// come, whichever replica wrote it.
  void onWork(Consumer<String> listener) {
    onWork.add(listener);
  }

  /// How far the database has come.
  Positions positions() {
    return tail.positions();
  }

  SessionFolds folds() {
    return folds;
  }

  /// Why nothing is read and nothing must be shown: the projection is not of this log.
  Optional<String> refusal() {
    return Optional.ofNullable(refusal);
  }

  /// The id of the topic the projection is made from; empty while that is not known yet.
  Optional<String> topicId() {
    return Optional.ofNullable(topicId);
  }

  /// Whether everything that was on the topic when this replica started is in the database.
  boolean caughtUp() {
    return refusal == null
        && tail.running()
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
    PostgresSource.Row source = adopt(store.emptyIfWanted());
    LogState now = log.now();
    stored = store.positions(partitions);
    Map<Integer, Integer> epochs = store.epochs();
    LogCheck.refusal(source.topicId(), stored, epochs, now).ifPresent(this::refuse);
    for (TopicPartition partition : assigned) {
      int number = partition.partition();
      long position = stored.getOrDefault(number, 0L);
      consumer.seek(
          partition,
          new OffsetAndMetadata(
              position == 0 ? first(now, number) : position,
              Optional.ofNullable(epochs.get(number)),
              ""));
    }
    for (TopicPartition partition : assigned) {
      comparedByKafka(consumer, partition);
    }
    endAtStart = Map.copyOf(consumer.endOffsets(assigned));
    store.claim(now.topicId());
    topicId = now.topicId();
    if (refusal != null) {
      LOG.info("The projection and the log fit together again");
    }
    refusal = null;
    store.toPurge().forEach(this::purge);
  }

  /// Another making of the projection begins below what this replica knows, also while nobody has
  /// read anything into it yet. So what is known goes first, and then rows are shown again.
  private PostgresSource.Row adopt(PostgresSource.Row source) {
    if (source.generation() != store.generation()) {
      Map<TopicPartition, Long> nothing = new HashMap<>();
      positions().all().keySet().forEach(partition -> nothing.put(partition, 0L));
      positions().rewind(nothing);
      folds.restart();
      store.adopt(source.generation());
      LOG.infof("The projection is number %d", source.generation());
    }
    return source;
  }

  private static long first(LogState log, int partition) {
    LogState.Reach reach = log.partitions().get(partition);
    return reach == null ? 0 : reach.first();
  }

  /// A position with an epoch is compared before it is used.
  private void comparedByKafka(
      org.apache.kafka.clients.consumer.Consumer<String, byte[]> consumer,
      TopicPartition partition) {
    try {
      long _ = consumer.position(partition);
    } catch (InvalidOffsetException e) {
      refuse(LogCheck.diverged(e));
    }
  }

  private void refuse(String sentence) {
    if (!sentence.equals(refusal)) {
      LOG.error(sentence);
    }
    refusal = sentence;
    throw new IllegalStateException(sentence);
  }

  /// Whether the projection was emptied, or is to be, or the topic was made anew, all of which can
  /// happen while this replica runs.
  private void look() {
    if (!tail.running()) {
      return;
    }
    try {
      PostgresSource.Row source = store.source();
      if (source.isWanted()
          || source.generation() != store.generation()
          || !log.topicId().equals(source.topicId())) {
        tail.restart();
      }
    } catch (RuntimeException e) {
      LOG.debugf("The lookout saw nothing: %s", e.getMessage());
    }
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
    pass.demands.values().stream()
        .filter(Demand::asks)
        .forEach(demand -> onWork.forEach(listener -> listener.accept(demand.environmentId())));
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
    write(new Batch(List.of(), List.of(), List.of(), List.of(), List.of(), next));
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
      if (store.write(forward, epochs(), stored)) {
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

  private Map<Integer, Integer> epochs() {
    Map<Integer, Integer> epochs = new HashMap<>();
    tail.epochs().forEach((partition, epoch) -> epochs.put(partition.partition(), epoch));
    return epochs;
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
    private final Map<SessionId, Demand> demands = new LinkedHashMap<>();
    private final Set<SessionId> deleted = new LinkedHashSet<>();
    private final Map<SessionId, List<String>> orphans = new LinkedHashMap<>();

    void take(ReadRecord.Readable read) {
      SessionId id = read.record().sessionId();
      SessionFolds.Loaded before = before(id, read.record().offset());
      Session session = before.session().apply(read.record());
      long bytes =
          before.bytes() + SessionFolds.weight(read.decoded().envelope().type(), read.json());
      fold(id, before, session, bytes, read.record().offset());
      if (session instanceof Session.Absent && gone(id)) {
        orphans.computeIfAbsent(id, _ -> new ArrayList<>()).add(read.keyId());
        return;
      }
      LoggedRecord record = read.record();
      demand(
          id, Demand.of(before.session(), record.body(), session, record.offset(), record.time()));
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
      Session session = before.session().setAside(read.offset(), read.reason());
      fold(read.sessionId(), before, session, before.bytes(), read.offset());
      Instant at = before.session().known().map(SessionFacts::updatedAt).orElse(Instant.EPOCH);
      demand(read.sessionId(), Demand.of(before.session(), null, session, read.offset(), at));
      recordRows.add(Rows.record(read));
    }

    private void demand(SessionId id, Optional<Demand> found) {
      found.ifPresent(demand -> demands.merge(id, demand, Demand::then));
    }

    private SessionFolds.Loaded before(SessionId id, long offset) {
      SessionFolds.Loaded known = sessions.get(id);
      return known != null ? known : folds.recent(id).orElseGet(() -> store.load(id, offset));
    }

    private void fold(
        SessionId id, SessionFolds.Loaded before, Session session, long bytes, long offset) {
      SessionFolds.Loaded now = new SessionFolds.Loaded(session, bytes, before.unstored() + 1);
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
      List<Rows.FoldRow> foldRows = new ArrayList<>();
      sessions.forEach((id, now) -> {
        long nextOffset = nextOffsets.getOrDefault(id, 0L);
        if (!(now.session() instanceof Session.Absent)) {
          sessionRows.add(Rows.session(id, now.session(), nextOffset, deleted.contains(id)));
        }
        if (now.isDue()) {
          Rows.fold(id, now, nextOffset).ifPresent(foldRows::add);
          folds.publish(id, now.stored(), nextOffset);
        }
      });
      return new Batch(
          recordRows,
          List.copyOf(eventRows.values()),
          sessionRows,
          foldRows,
          List.copyOf(demands.values()),
          after);
    }
  }
}
