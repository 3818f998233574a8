package io.steward.harness.metric;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.model.ModelCatalog;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/// What this instance counts: `steward_harness_…` at `/q/metrics`. No session has a number of its
/// own.
public final class Metrics {
  private static final String PREFIX = "steward.harness.";
  private static final List<String> TOPICS =
      List.of(Topics.SESSION_EVENTS, Topics.TOOL_RESULTS, Topics.SESSION_SNAPSHOTS);

  private static final Duration[] BUCKETS =
      Stream.of(50, 100, 200, 300, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000, 30_000)
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  private static final Duration[] TRANSACTION_BUCKETS =
      Stream.of(1, 2, 5, 10, 20, 50, 100, 500, 3_000)
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final MeterRegistry registry;
  private final Timer takeOvers;
  private final Counter repeatedCalls;
  private final Counter orphansAborted;
  private final Timer firstTokens;
  private final Counter stepsWritten;
  private final Map<Written, Timer> transactions = new EnumMap<>(Written.class);
  private final TurnMeters turns;

  /// Why nothing more is done for a session.
  public enum Cause {
    /// One of its records cannot be read, or cannot be.
    RECORD,
    /// Deciding its next step failed.
    STEP,
    /// Its records are refused by the broker.
    REFUSED
  }

  /// How a transaction failed.
  public enum Failure {
    /// Nothing of it was written.
    REFUSED,
    /// Nobody knows, and another writer is needed.
    LOST
  }

  /// What came of a transaction.
  public enum Written {
    COMMITTED,
    REFUSED,
    LOST
  }

  /// What becomes of sandboxes that are asked for before a call wants them.
  public enum Speculated {
    ASKED,
    /// The turn called a tool.
    USED,
    /// The turn ended without.
    UNUSED
  }

  public Metrics(MeterRegistry registry, ModelCatalog catalog) {
    this.registry = registry;
    this.turns = new TurnMeters(registry, catalog);
    this.takeOvers =
        Timer.builder(PREFIX + "take.over")
            .description("Partitions taken over, and how long that took once they were assigned")
            .register(registry);
    this.firstTokens =
        waits("time.to.first.token", "From reading a message to the first of the reply");
    this.repeatedCalls =
        Counter.builder(PREFIX + "model.calls.repeated")
            .description("Model requests asked again because the answer to the first was lost")
            .register(registry);
    this.orphansAborted =
        Counter.builder(PREFIX + "transactions.orphaned")
            .description("Transactions of former owners that a broker had forgotten to end")
            .register(registry);
    this.stepsWritten =
        Counter.builder(PREFIX + "steps.written")
            .description("Decided steps that transactions wrote")
            .register(registry);
    for (Written outcome : Written.values()) {
      transactions.put(outcome, transactions(name(outcome)));
    }
    // There from the beginning, so that a first one is an increase.
    TOPICS.forEach(this::recordsUnreadable);
    for (boolean speculated : new boolean[] {false, true}) {
      firstTools(false, speculated);
      firstTools(true, speculated);
    }
    for (Cause cause : Cause.values()) {
      sessionsSetAside(cause);
    }
    for (Failure failure : Failure.values()) {
      commitsFailed(failure);
    }
    for (Speculated outcome : Speculated.values()) {
      speculations(outcome);
    }
  }

  /// What turns take and use.
  public TurnMeters turns() {
    return turns;
  }

  private Timer transactions(String outcome) {
    return Timer.builder(PREFIX + "transaction")
        .description("Transactions, and how long they took")
        .tag("outcome", outcome)
        .serviceLevelObjectives(TRANSACTION_BUCKETS)
        .register(registry);
  }

  /// A transaction has ended.
  ///
  /// @param steps that it carried
  public void transacted(Written outcome, int steps, Duration took) {
    if (outcome == Written.COMMITTED) {
      stepsWritten.increment(steps);
    }
    Objects.requireNonNull(transactions.get(outcome)).record(took);
  }

  /// A transaction was aborted of which its coordinator knew nothing.
  public void orphanAborted() {
    orphansAborted.increment();
  }

  public void sessionSetAside(Cause cause) {
    sessionsSetAside(cause).increment();
  }

  private Counter sessionsSetAside(Cause cause) {
    return Counter.builder(PREFIX + "sessions.set.aside")
        .description("Sessions for which nothing more is done")
        .tag("cause", name(cause))
        .register(registry);
  }

  public void recordUnreadable(String topic) {
    recordsUnreadable(topic).increment();
  }

  private Counter recordsUnreadable(String topic) {
    return Counter.builder(PREFIX + "records.unreadable")
        .description("Records that cannot be read")
        .tag("topic", topic)
        .register(registry);
  }

  public void takenOver(Duration time) {
    takeOvers.record(time);
  }

  public void commitFailed(Failure failure) {
    commitsFailed(failure).increment();
  }

  private Counter commitsFailed(Failure failure) {
    return Counter.builder(PREFIX + "commits.failed")
        .description("Transactions that were refused, or whose outcome is not known")
        .tag("outcome", name(failure))
        .register(registry);
  }

  public void speculated(Speculated outcome) {
    speculations(outcome).increment();
  }

  private Counter speculations(Speculated outcome) {
    return Counter.builder(PREFIX + "speculations")
        .description("Sandboxes asked for while the model was thinking, and what became of that")
        .tag("outcome", name(outcome))
        .register(registry);
  }

  /// A turn has the first of its reply.
  public void firstToken(Duration sinceRead) {
    firstTokens.record(sinceRead);
  }

  /// The first tool of a turn has started.
  ///
  /// @param outside whether it needs no sandbox
  /// @param speculated whether a sandbox was asked for before the call
  public void firstTool(Duration sinceRead, boolean outside, boolean speculated) {
    firstTools(outside, speculated).record(sinceRead);
  }

  private Timer firstTools(boolean outside, boolean speculated) {
    return waits(
        "time.to.first.tool",
        "From reading a message to the start of its turn's first tool",
        "place",
        outside ? "outside" : "sandbox",
        "speculated",
        Boolean.toString(speculated));
  }

  private Timer waits(String name, String description, String... tags) {
    return Timer.builder(PREFIX + name)
        .description(description)
        .tags(tags)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  public void modelCallRepeated() {
    repeatedCalls.increment();
  }

  /// Shows partitions of this instance, and of all.
  ///
  /// @param active those this instance works on
  /// @param all those the log has, whoever works on them; 0 while that is not known
  public void watchPartitions(IntSupplier active, IntSupplier all) {
    Gauge.builder(PREFIX + "partitions", active::getAsInt)
        .description("Partitions this instance works on")
        .register(registry);
    Gauge.builder(PREFIX + "log.partitions", all::getAsInt)
        .description("Partitions the log has, whoever works on them")
        .register(registry);
  }

  /// Shows records that were read and are not folded yet.
  public void watchBacklog(IntSupplier records) {
    Gauge.builder(PREFIX + "backlog.records", records::getAsInt)
        .description("Records of the log that were read and are not folded yet")
        .register(registry);
  }

  /// Shows how far reading the log is behind its end.
  public void watchLag(LongSupplier records) {
    Gauge.builder(PREFIX + "consumer.lag.records", records::getAsLong)
        .description("Offsets of session-events this instance has not read yet")
        .register(registry);
  }

  /// Shows requests at model providers, and those that wait until they may run.
  public void watchModelCalls(IntSupplier running, IntSupplier waiting) {
    modelCalls("running", running);
    modelCalls("waiting", waiting);
  }

  private void modelCalls(String state, IntSupplier count) {
    Gauge.builder(PREFIX + "model.calls", count::getAsInt)
        .description("Model requests under way")
        .tag("state", state)
        .register(registry);
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
