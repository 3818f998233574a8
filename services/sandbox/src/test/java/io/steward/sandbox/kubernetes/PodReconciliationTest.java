package io.steward.sandbox.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.steward.sandbox.kubernetes.PodReconciliation.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PodReconciliationTest {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
  private static final Instant LONG_AGO = NOW.minusSeconds(3600);
  private static final Instant JUST_NOW = NOW.minusSeconds(5);
  private static final Duration GRACE = Duration.ofMinutes(2);
  private static final Optional<Set<String>> LIVE = Optional.of(Set.of("me", "other"));

  private final PodSpecs specs = new PodSpecs(TestPods.settings("hands"), PodProgram.IDLE);

  private Pod session(String instance, String incarnation, Instant created) {
    Pod pod = specs.forSession("a", new PodLabels.Use(instance, "sesn_1", incarnation));
    return at(pod, created);
  }

  private Pod waiting(String instance, String shape) {
    Pod pod = specs.forPool("a", instance);
    pod.getMetadata().getLabels().put(PodLabels.SHAPE, shape);
    return at(pod, LONG_AGO);
  }

  private static Pod at(Pod pod, Instant created) {
    return new PodBuilder(pod)
        .editMetadata()
        .withCreationTimestamp(created.toString())
        .endMetadata()
        .build();
  }

  private static Pod ended(Pod pod) {
    return new PodBuilder(pod).withNewStatus().withPhase("Failed").endStatus().build();
  }

  private Optional<Cause> verdict(Pod pod, Optional<Set<String>> alive, Instant since) {
    PodReconciliation.View view =
        new PodReconciliation.View("me", since, Set.of("used"), alive, specs.shape(), GRACE);
    Held held = Held.of(pod);
    return Optional.ofNullable(PodReconciliation.judge(List.of(held), view, NOW).get(held));
  }

  private Optional<Cause> verdict(Pod pod) {
    return verdict(pod, LIVE, LONG_AGO);
  }

  @Test
  void a_pod_in_use_stays_however_old_or_ended_it_is() {
    assertEquals(Optional.empty(), verdict(session("me", "used", LONG_AGO)));
    assertEquals(Optional.empty(), verdict(ended(session("me", "used", LONG_AGO))));
  }

  @Test
  void a_pod_its_own_instance_does_not_know_is_an_orphan_after_a_while() {
    assertEquals(Optional.of(Cause.ORPHAN), verdict(session("me", "lost", LONG_AGO)));
    assertEquals(Optional.of(Cause.ENDED), verdict(ended(session("me", "lost", LONG_AGO))));
    assertEquals(Optional.empty(), verdict(session("me", "lost", JUST_NOW)));
  }

  @Test
  void after_a_restart_there_is_time_to_pick_up_what_runs() {
    assertEquals(
        Optional.empty(), verdict(session("me", "before", LONG_AGO), LIVE, NOW.minusSeconds(10)));
  }

  @Test
  void a_pod_of_a_living_instance_is_never_touched() {
    assertEquals(Optional.empty(), verdict(session("other", "x", LONG_AGO)));
    assertEquals(Optional.empty(), verdict(ended(session("other", "x", LONG_AGO))));
    assertEquals(Optional.empty(), verdict(waiting("other", "shape-old")));
  }

  @Test
  void a_pod_of_a_silent_instance_goes() {
    assertEquals(Optional.of(Cause.SILENT_INSTANCE), verdict(session("gone", "x", LONG_AGO)));
    assertEquals(Optional.empty(), verdict(session("gone", "x", JUST_NOW)));
  }

  @Test
  void nobody_is_judged_while_it_is_not_known_who_lives() {
    assertEquals(
        Optional.empty(), verdict(session("gone", "x", LONG_AGO), Optional.empty(), LONG_AGO));
    assertEquals(
        Optional.empty(), verdict(waiting("gone", "shape-old"), Optional.empty(), LONG_AGO));
  }

  @Test
  void a_pod_that_waits_stays_for_whoever_needs_its_shape() {
    assertEquals(Optional.empty(), verdict(waiting("gone", specs.shape())));
    assertEquals(Optional.of(Cause.OLD_SHAPE), verdict(waiting("gone", "shape-old")));
    assertEquals(Optional.of(Cause.OLD_SHAPE), verdict(waiting("me", "shape-old")));
  }

  @Test
  void a_pod_taken_from_the_pool_counts_from_then() {
    Pod taken = session("me", "lost", LONG_AGO);
    taken.getMetadata().setAnnotations(Map.of(PodLabels.CLAIMED_AT, JUST_NOW.toString()));

    assertEquals(Optional.empty(), verdict(taken));
  }

  @Test
  void a_deletion_that_does_not_come_to_an_end_is_made_to() {
    Pod pod = session("other", "x", LONG_AGO);
    pod.getMetadata().setDeletionTimestamp(JUST_NOW.toString());
    assertEquals(Optional.empty(), verdict(pod));

    pod.getMetadata().setDeletionTimestamp(LONG_AGO.toString());
    assertEquals(Optional.of(Cause.STUCK), verdict(pod));
  }

  @Test
  void as_many_pods_wait_as_sessions_lately_took() {
    PoolSize size = new PoolSize(1, 3, Duration.ofMinutes(2), Duration.ofHours(1));
    List<Pod> taken =
        IntStream.range(0, 7).mapToObj(i -> session("me", "x" + i, JUST_NOW)).toList();

    assertEquals(1, size.wanted(List.of(), NOW));
    assertEquals(2, size.wanted(taken.subList(0, 2), NOW));
    assertEquals(3, size.wanted(taken, NOW));
    assertEquals(1, size.wanted(List.of(session("me", "x", LONG_AGO)), NOW));
    assertEquals(1, size.wanted(List.of(waiting("me", specs.shape())), NOW));
  }
}
