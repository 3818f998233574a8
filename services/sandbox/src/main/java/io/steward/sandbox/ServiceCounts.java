package io.steward.sandbox;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.steward.sandbox.call.CallCounts;
import io.steward.sandbox.save.SavePoints;
import io.steward.schemas.kafka.RecordLoop;

/// What went wrong and what was saved, as metrics at `/q/metrics`.
final class ServiceCounts implements CallCounts, SavePoints.Counts {
  private final Counter callsLost;
  private final Counter callsFailed;
  private final Counter saves;
  private final Counter saveFailures;
  private final Counter restorations;
  private final Counter restoreFailures;

  ServiceCounts(MeterRegistry meters) {
    callsLost =
        counter(meters, "calls.lost", "Calls answered as lost: nobody knows how far they came");
    callsFailed =
        counter(meters, "calls.failed.unexpectedly", "Calls that failed by a fault of the service");
    saves = counter(meters, "save.points", "Save points that were made");
    saveFailures = counter(meters, "save.points.failed", "Save points that could not be made");
    restorations = counter(meters, "restorations", "Sessions whose files were restored");
    restoreFailures =
        counter(meters, "restorations.failed", "Sessions whose files could not be restored");
  }

  /// Counts commands that were set aside because nobody could read or handle them.
  static void watch(MeterRegistry meters, RecordLoop loop) {
    FunctionCounter.builder("steward.sandbox.commands.set.aside", loop, RecordLoop::setAside)
        .description("Commands that were set aside on the dead letter topic")
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
}
