package io.steward.sessionlog.project;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.session.Session;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.log.LogWriter;
import io.steward.sessionlog.log.Positions;
import io.steward.sessionlog.log.StableOffsets;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;

/// Sessions as this replica knows them, and the barriers that make it know enough.
@Singleton
public class Sessions {
  private final Projection projection;
  private final PostgresProjection store;
  private final StableOffsets stableOffsets;
  private final LogWriter writer;
  private final SessionLogConfig config;
  private final SessionFolds.Source source;

  Sessions(
      Projection projection,
      PostgresProjection store,
      StableOffsets stableOffsets,
      LogWriter writer,
      SessionLogConfig config) {
    this.projection = projection;
    this.store = store;
    this.stableOffsets = stableOffsets;
    this.writer = writer;
    this.config = config;
    this.source = new StoredSessions(projection.positions(), store);
  }

  private record StoredSessions(Positions projected, PostgresProjection store)
      implements SessionFolds.Source {
    @Override
    public boolean await(TopicPartition partition, long nextOffset, Duration timeout) {
      return projected.await(partition, nextOffset, timeout);
    }

    @Override
    public SessionFolds.Loaded load(SessionId id) {
      return store.load(id, Long.MAX_VALUE);
    }
  }

  /// The session as this replica knows it now; other replicas may know more.
  ///
  /// @throws ApiException 503 when it cannot be loaded in time
  public Session known(SessionId id) {
    requireLog();
    if (id.partition() >= config.sessionPartitions()) {
      return Session.ABSENT;
    }
    return projection
        .folds()
        .get(id, source, config.sessionLog().barrierTimeout())
        .orElseThrow(Sessions::behind);
  }

  /// The session with everything that was on the log when this was called, and with everything this
  /// replica wrote itself.
  ///
  /// @throws ApiException 503 when the projection does not come that far in time
  public Session current(SessionId id) {
    if (id.partition() >= config.sessionPartitions()) {
      return Session.ABSENT;
    }
    barrier(id);
    return known(id);
  }

  /// The session as soon as `wanted` holds, or as it is when the time is over.
  public Session await(SessionId id, Predicate<Session> wanted, Duration max) {
    long deadline = System.nanoTime() + max.toNanos();
    while (true) {
      long position = projection.positions().of(partition(id.partition()));
      Session session = known(id);
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      if (wanted.test(session)
          || !projection.positions().await(partition(id.partition()), position + 1, left)) {
        return session;
      }
    }
  }

  /// Waits until everything that is on the session's partition now is in the database, also what
  /// this replica wrote itself: an open transaction of the harness may hold back what Kafka has
  /// already acknowledged.
  ///
  /// @return the last stable offset; what this replica wrote may lie above
  /// @throws ApiException 503 when the projection does not come that far in time
  public long barrier(SessionId id) {
    requireLog();
    TopicPartition partition = partition(id.partition());
    long own = writer.written().of(partition);
    long stable = stableOffsets.of(partition);
    await(partition, Math.max(stable, own), config.sessionLog().barrierTimeout());
    return stable;
  }

  /// Waits until everything this replica wrote itself is in the database.
  ///
  /// @throws ApiException 503 when the projection does not come that far in time
  public void ownWritesBarrier() {
    requireLog();
    if (!projection.caughtUp()) {
      throw behind(); // A list of all sessions would be a list of some.
    }
    writer
        .written()
        .all()
        .forEach(
            (partition, offset) -> await(partition, offset, config.sessionLog().barrierTimeout()));
  }

  /// Makes sure that what was read from the database before this call was of the projection this
  /// replica knows.
  ///
  /// @throws io.steward.schemas.kafka.DependencyAwayException when it was emptied meanwhile, to be
  ///   made again
  public void confirm() {
    store.confirm();
  }

  /// Makes sure that the log is the one the projection was made from.
  ///
  /// @throws ApiException 503 when it is not: an operator has to decide
  public void requireLog() {
    if (projection.refusal().isPresent()) {
      throw new ApiException(
          ApiError.unavailable(
              "The log is not the one this server has read; its operator has to look after it."));
    }
  }

  /// What [#requireLog()] refuses for, for operators.
  public Optional<String> refusal() {
    return projection.refusal();
  }

  /// Waits until the record at `offset` of the session is in the database.
  ///
  /// @throws ApiException 503 when that takes longer than a request may wait
  public void awaitRecord(SessionId id, long offset) {
    await(partition(id.partition()), offset + 1, config.sessionLog().requestTimeout());
  }

  /// Whether a record of the session has been read back.
  public boolean holds(SessionId id, String recordId) {
    return store.holds(id, recordId);
  }

  /// Tells of sessions that are set aside from now on, on a thread that must not be held up.
  public void onSetAside(Consumer<SessionId> listener) {
    projection.onSetAside(listener);
  }

  /// Tells of environments in whose queue of work something may have come, on a thread that must
  /// not be held up.
  public void onWork(Consumer<String> listener) {
    projection.onWork(listener);
  }

  /// The session folded from its records up to and including `offset`.
  public Session at(SessionId id, long offset) {
    return store.load(id, offset + 1).session();
  }

  /// The id of the log that sessions are read from; another one when the log was made anew.
  ///
  /// @throws ApiException 503 when that is not known yet
  public String logId() {
    return projection.topicId().orElseThrow(Sessions::behind);
  }

  /// The next records of a session, in the order of the log.
  ///
  /// @param from the lowest offset
  /// @param below an offset the projection has passed
  /// @param bytesMax of the bodies, which only the last record may exceed
  /// @return none when there are no more
  /// @throws io.steward.schemas.kafka.DependencyAwayException when the database does not answer, or
  ///   the projection is being made again
  public List<StoredRecord> records(SessionId id, long from, long below, long bytesMax) {
    return store.records(id, from, below, bytesMax);
  }

  /// The latest time of an event in the session's records below `offset`, which no later event is
  /// shown before.
  public Instant lastEventAt(SessionId id, long offset) {
    return store.lastEventAt(id, offset);
  }

  /// Sessions of a partition the harness still has something to do for.
  public List<SessionId> unfinished(int partition) {
    return store.unfinished(partition);
  }

  /// Waits until the projection has passed `offset` in a partition.
  ///
  /// @return the position it has come to, or empty when it did not come that far
  public Optional<Long> passed(int partition, long offset, Duration timeout) {
    if (projection.refusal().isPresent()) {
      return Optional.empty();
    }
    TopicPartition topicPartition = partition(partition);
    Positions positions = projection.positions();
    return positions.await(topicPartition, offset, timeout)
        ? Optional.of(positions.of(topicPartition))
        : Optional.empty();
  }

  /// Whether consumers are assigned, the database answers, and everything that was on the log at
  /// the start is in it.
  public boolean ready() {
    return projection.caughtUp() && store.answers();
  }

  /// Whether the database knows everything the log says of a session now. It does not while the
  /// projection is made again, not even when its tables were emptied under this replica.
  public boolean complete(SessionId id) {
    if (!ready()) {
      return false;
    }
    try {
      barrier(id);
    } catch (ApiException e) {
      return false;
    }
    return projection.intact();
  }

  private void await(TopicPartition partition, long offset, Duration timeout) {
    if (!projection.positions().await(partition, offset, timeout)) {
      throw behind();
    }
  }

  private static TopicPartition partition(int partition) {
    return new TopicPartition(Topics.SESSION_EVENTS, partition);
  }

  private static ApiException behind() {
    return new ApiException(
        ApiError.unavailable("The session's log is not read that far yet; try again soon."));
  }
}
