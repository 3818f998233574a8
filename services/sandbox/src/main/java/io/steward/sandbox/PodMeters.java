package io.steward.sandbox;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.steward.sandbox.kubernetes.PodCounts;
import io.steward.sandbox.kubernetes.PodReconciliation;
import io.steward.sandbox.kubernetes.PodTrouble;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/// Pods as metrics at `/q/metrics`.
final class PodMeters implements PodCounts {
  private final MeterRegistry meters;
  private final Timer warmStarts;
  private final Timer coldStarts;
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger wanted = new AtomicInteger();

  PodMeters(MeterRegistry meters) {
    this.meters = meters;
    this.warmStarts = starts(true);
    this.coldStarts = starts(false);
    Gauge.builder("steward.sandbox.pool.waiting", waiting, AtomicInteger::get)
        .description("Pods that wait for sessions")
        .register(meters);
    Gauge.builder("steward.sandbox.pool.wanted", wanted, AtomicInteger::get)
        .description("Pods that should wait for sessions")
        .register(meters);
    // There from the beginning, so that a first one is an increase.
    PodTrouble.CAUSES.forEach(this::refusals);
    for (PodReconciliation.Cause cause : PodReconciliation.Cause.values()) {
      removals(cause);
    }
  }

  private Timer starts(boolean warm) {
    return Timer.builder("steward.sandbox.pod.starts")
        .description("How long sessions waited for their pods")
        .tag("warm", Boolean.toString(warm))
        .register(meters);
  }

  @Override
  public void started(boolean warm, Duration took) {
    (warm ? warmStarts : coldStarts).record(took);
  }

  @Override
  public void refused(String cause) {
    refusals(cause).increment();
  }

  private Counter refusals(String cause) {
    return counter("refused", "Sessions that got no pod", cause);
  }

  @Override
  public void removed(PodReconciliation.Cause cause) {
    removals(cause).increment();
  }

  private Counter removals(PodReconciliation.Cause cause) {
    return counter(
        "removed", "Pods removed that nobody needed", cause.name().toLowerCase(Locale.ROOT));
  }

  private Counter counter(String name, String description, String cause) {
    return Counter.builder("steward.sandbox.pods." + name)
        .description(description)
        .tag("cause", cause)
        .register(meters);
  }

  @Override
  public void pool(int nowWaiting, int nowWanted) {
    waiting.set(nowWaiting);
    wanted.set(nowWanted);
  }
}
