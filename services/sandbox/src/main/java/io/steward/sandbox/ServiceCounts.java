package io.steward.sandbox;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.steward.sandbox.call.CallCounts;
import io.steward.sandbox.call.Sandboxes;
import io.steward.sandbox.save.SavePoints;
import io.steward.schemas.kafka.RecordLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// What went wrong and what was saved, as metrics at `/q/metrics`.
final class ServiceCounts implements CallCounts, SavePoints.Counts {
  private static final Duration[] BUCKETS =
      Stream.of(25, 50, 100, 200, 500, 1_000, 2_000, 5_000, 20_000, 60_000)
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final Counter callsLost;
  private final Counter callsFailed;
  private final Map<Start, Timer> starts = new EnumMap<>(Start.class);
  private final Map<Start, Counter> missed = new EnumMap<>(Start.class);
  private final Counter saves;
  private final Counter saveFailures;
  private final Counter restorations;
  private final Counter restoreFailures;
  private final Counter workspacesRemoved;

  ServiceCounts(MeterRegistry meters) {
    callsLost =
        counter(meters, "calls.lost", "Calls answered as lost: nobody knows how far they came");
    callsFailed =
        counter(meters, "calls.failed.unexpectedly", "Calls that failed by a fault of the service");
    for (Start start : Start.values()) {
      starts.put(
          start,
          Timer.builder("steward.sandbox.starts")
              .description("Sandboxes that were opened, and how long that took")
              .tag("start", start.name().toLowerCase(Locale.ROOT))
              .serviceLevelObjectives(BUCKETS)
              .register(meters));
      missed.put(
          start,
          Counter.builder("steward.sandbox.starts.failed")
              .description("Sandboxes that were wanted and could not be had")
              .tag("start", start.name().toLowerCase(Locale.ROOT))
              .register(meters));
    }
    saves = counter(meters, "save.points", "Save points that were made");
    saveFailures = counter(meters, "save.points.failed", "Save points that could not be made");
    restorations = counter(meters, "restorations", "Sessions whose files were restored");
    workspacesRemoved =
        counter(meters, "workspaces.removed", "Workspaces removed because nobody used them");
    restoreFailures =
        counter(meters, "restorations.failed", "Sessions whose files could not be restored");
  }

  /// Counts commands that were set aside because nobody could read or handle them.
  static void watch(MeterRegistry meters, RecordLoop loop) {
    FunctionCounter.builder("steward.sandbox.commands.set.aside", loop, RecordLoop::setAside)
        .description("Commands that were set aside on the dead letter topic")
        .register(meters);
    Gauge.builder("steward.sandbox.consumer.lag.records", loop, RecordLoop::lag)
        .description("Offsets of sandbox-commands this instance has not read yet")
        .register(meters);
    Gauge.builder("steward.sandbox.commands.open", loop, RecordLoop::open)
        .description("Commands that were read and are not done")
        .register(meters);
    Gauge.builder(
            "steward.sandbox.commands.oldest.seconds",
            loop,
            reading -> reading.oldestSeconds(Instant.now()))
        .description("Age of the oldest command that was read and is not done, 0 without one")
        .register(meters);
  }

  /// Shows how many sandboxes there are.
  static void watch(MeterRegistry meters, Sandboxes sandboxes) {
    Gauge.builder("steward.sandbox.open", sandboxes, Sandboxes::open)
        .description("Sessions that have a sandbox at this instance, or are getting one")
        .register(meters);
  }

  private static Counter counter(MeterRegistry meters, String name, String description) {
    return Counter.builder("steward.sandbox." + name).description(description).register(meters);
  }

  @Override
  public void callLost() {
    callsLost.increment();
  }

  @Override
  public void callFailed() {
    callsFailed.increment();
  }

  @Override
  public void sandboxStarted(Start start, Duration took) {
    Objects.requireNonNull(starts.get(start)).record(took);
  }

  @Override
  public void sandboxMissed(Start start) {
    Objects.requireNonNull(missed.get(start)).increment();
  }

  @Override
  public void saved() {
    saves.increment();
  }

  @Override
  public void notSaved() {
    saveFailures.increment();
  }

  @Override
  public void restored() {
    restorations.increment();
  }

  @Override
  public void notRestored() {
    restoreFailures.increment();
  }

  @Override
  public void workspaceRemoved() {
    workspacesRemoved.increment();
  }
}
