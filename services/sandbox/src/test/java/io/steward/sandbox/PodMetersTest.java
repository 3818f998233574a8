package io.steward.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.steward.sandbox.kubernetes.PodReconciliation;
import io.steward.sandbox.kubernetes.PodTrouble;
import org.junit.jupiter.api.Test;

class PodMetersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final PodMeters meters = new PodMeters(registry);

  @Test
  void every_cause_is_there_before_its_first_pod_so_that_this_one_is_an_increase() {
    assertEquals(
        PodTrouble.CAUSES.size(),
        registry.get("steward.sandbox.pods.refused").counters().stream()
            .filter(counter -> counter.count() == 0)
            .count());
    assertEquals(
        PodReconciliation.Cause.values().length,
        registry.get("steward.sandbox.pods.removed").counters().size());
  }

  @Test
  void a_refusal_counts_for_its_cause() {
    meters.refused("quota");

    Counter quota = registry.get("steward.sandbox.pods.refused").tag("cause", "quota").counter();
    assertEquals(1, quota.count());
    assertEquals(
        PodTrouble.CAUSES.size(), registry.get("steward.sandbox.pods.refused").counters().size());
  }
}
