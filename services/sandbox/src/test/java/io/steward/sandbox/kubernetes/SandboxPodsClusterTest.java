package io.steward.sandbox.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/// The whole of pods for one or two instances of the service. Time is moved by hand, but the
/// cluster has its own.
@EnabledIfEnvironmentVariable(named = "KUBECONFIG", matches = ".+")
@Timeout(1800)
class SandboxPodsClusterTest {
  private static final TestCluster CLUSTER = new TestCluster();
  private static final Duration SILENCE = Duration.ofSeconds(30);
  private static final Duration GRACE = Duration.ofMinutes(2);
  private static final PoolSize NO_POOL =
      new PoolSize(0, 0, Duration.ofMinutes(2), Duration.ofHours(1));
  private static final int CYCLES_AT_ONCE = 4;
  private static final int CYCLES = Integer.getInteger("steward.pods.cycles", 5);

  private final Set<String> alive = ConcurrentHashMap.newKeySet();
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private final PodTally tally = new PodTally();

  @AfterAll
  static void close() {
    CLUSTER.close();
  }

  @AfterEach
  void removePods() {
    PodRemoval removal = new PodRemoval(CLUSTER.client());
    CLUSTER.pods().forEach(removal::remove);
    CLUSTER.client().leases().inNamespace(CLUSTER.namespace()).delete();
  }

  private SandboxPods instance(String name, PoolSize pool) {
    return instance(name, pool, TestPods.settings(CLUSTER.namespace()));
  }

  private SandboxPods instance(String name, PoolSize pool, PodSettings settings) {
    return new SandboxPods(
        CLUSTER.client(),
        settings,
        PodProgram.IDLE,
        pool,
        new SandboxPods.Identity(name, SILENCE, GRACE),
        _ -> alive,
        tally,
        now::get);
  }

  private static SandboxPod pod(SandboxPods pods) throws IOException {
    return assertInstanceOf(SandboxPods.Obtained.Got.class, pods.obtain(SessionId.random(0))).pod();
  }

  /// Two rounds with enough time before each for everybody to be judged.
  private void rounds(SandboxPods pods) {
    pods.round();
    now.updateAndGet(time -> time.plus(SILENCE).plus(GRACE).plusSeconds(1));
    pods.round();
  }

  private static void awaitReady(int count) {
    CLUSTER
        .client()
        .pods()
        .inNamespace(CLUSTER.namespace())
        .informOnCondition(pods -> pods.stream().filter(Readiness::isPodReady).count() == count)
        .orTimeout(60, TimeUnit.SECONDS)
        .join();
  }

  private static int exitCode(SandboxPod pod) throws IOException {
    PodConnection connection = pod.start(List.of("true"));
    assertTrue(connection.awaitEnd(Duration.ofSeconds(20)));
    return connection.exitCode().orElseThrow();
  }

  @Test
  void cycles_of_making_and_killing_leave_nothing() throws Exception {
    SandboxPods pods = instance("a", NO_POOL);
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(CYCLES_AT_ONCE)) {
      List<Future<Integer>> codes = new ArrayList<>();
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        codes.add(
            threads.submit(() -> {
              try (SandboxPod pod = pod(pods)) {
                return exitCode(pod);
              }
            }));
      }
      for (Future<Integer> code : codes) {
        assertEquals(0, code.get());
      }
    }
    System.out.printf(
        "pods: %d cycles of create, exec and kill, %d at once, in %d s, %d pods left%n",
        CYCLES,
        CYCLES_AT_ONCE,
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start),
        CLUSTER.pods().size());

    assertEquals(List.of(), CLUSTER.pods());
  }

  @Test
  void what_a_crashed_instance_left_is_removed_by_another_and_by_nobody_before()
      throws IOException {
    SandboxPod left = pod(instance("crashed", NO_POOL));
    SandboxPods living = instance("living", NO_POOL);
    alive.addAll(Set.of("crashed", "living"));
    rounds(living);
    assertEquals(1, CLUSTER.pods().size());

    alive.remove("crashed");
    rounds(living);

    CLUSTER.awaitPods(0, living::round);
    assertEquals(List.of(PodReconciliation.Cause.SILENT_INSTANCE), tally.removed);
    assertEquals("its pod was deleted", left.end().orElseThrow());
  }

  @Test
  void an_instance_that_starts_again_finds_its_pods_and_removes_the_others() throws IOException {
    SandboxPods before = instance("a", NO_POOL);
    SandboxPod kept = pod(before);
    SandboxPod forgotten = pod(before);

    SandboxPods after = instance("a", NO_POOL);
    SandboxPod found = after.find(kept.incarnation()).orElseThrow();
    rounds(after);

    assertEquals(0, exitCode(found));
    CLUSTER.awaitPods(1, after::round);
    assertEquals(List.of(kept.name()), names(CLUSTER.pods()));
    assertEquals(List.of(PodReconciliation.Cause.ORPHAN), tally.removed);
    assertTrue(after.find(forgotten.incarnation()).isEmpty());
  }

  @Test
  void a_pod_taken_over_belongs_to_who_took_it() throws IOException {
    SandboxPod first = pod(instance("crashed", NO_POOL));
    SandboxPods second = instance("second", NO_POOL);
    SandboxPods third = instance("third", NO_POOL);

    SandboxPod taken = second.find(first.incarnation()).orElseThrow();
    alive.addAll(Set.of("second", "third"));
    rounds(third);

    assertEquals(0, exitCode(taken));
    first.close();
    assertEquals(0, exitCode(taken), "who had it before cannot remove it");
    taken.close();
    assertEquals(List.of(), CLUSTER.pods());
  }

  private static List<String> names(List<Pod> pods) {
    return pods.stream().map(pod -> pod.getMetadata().getName()).toList();
  }

  @Test
  void pods_that_wait_are_taken_once_each_and_made_again() throws Exception {
    PoolSize two = new PoolSize(2, 2, Duration.ofMinutes(2), Duration.ofHours(1));
    SandboxPods first = instance("first", two);
    SandboxPods second = instance("second", two);
    IntStream.range(0, 4).forEach(round -> (round % 2 == 0 ? first : second).round());
    assertEquals(2, CLUSTER.pods().size(), "never more than wanted");
    awaitReady(2);

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<SandboxPod> one = threads.submit(() -> pod(first));
      Future<SandboxPod> other = threads.submit(() -> pod(second));
      assertFalse(one.get().name().equals(other.get().name()));
      assertEquals(0, exitCode(one.get()));
    }

    assertEquals(List.of(true, true), tally.warm);
    first.round();
    second.round();
    assertEquals(4, CLUSTER.pods().size());
  }

  @Test
  void a_warm_pod_is_there_sooner_than_a_cold_one() throws IOException {
    PoolSize one = new PoolSize(1, 1, Duration.ofMinutes(2), Duration.ofHours(1));
    SandboxPods pods = instance("a", one);
    SandboxPod cold = pod(pods);
    pods.round();
    awaitReady(2);
    SandboxPod warm = pod(pods);

    assertEquals(List.of(false, true), tally.warm);
    long start = System.nanoTime();
    assertEquals(0, exitCode(warm));
    System.out.printf(
        "pods: cold %d ms, warm %d ms, one exec %d ms%n",
        tally.took.get(0).toMillis(),
        tally.took.get(1).toMillis(),
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    cold.close();
    warm.close();
  }

  @Test
  void pods_of_a_shape_nobody_makes_any_more_go() {
    PoolSize one = new PoolSize(1, 1, Duration.ofMinutes(2), Duration.ofHours(1));
    instance("old", one).round();
    PodSettings changed =
        TestPods.settings(
            CLUSTER.namespace(),
            TestPods.IMAGE,
            TestPods.resources("1", "128Mi"),
            Duration.ofSeconds(60));
    alive.add("new");

    SandboxPods pods = instance("new", NO_POOL, changed);
    rounds(pods);

    CLUSTER.awaitPods(0, pods::round);
    assertEquals(List.of(PodReconciliation.Cause.OLD_SHAPE), tally.removed);
  }

  @Test
  void a_pool_that_shrinks_or_whose_pods_are_old_is_made_anew() {
    instance("a", new PoolSize(3, 3, Duration.ofMinutes(2), Duration.ofHours(1))).round();
    assertEquals(3, CLUSTER.pods().size());

    SandboxPods smaller =
        instance("a", new PoolSize(1, 1, Duration.ofMinutes(2), Duration.ofHours(1)));
    CLUSTER.awaitPods(1, smaller::round);
    List<String> left = names(CLUSTER.pods());

    now.updateAndGet(time -> time.plus(Duration.ofHours(2)));
    TestCluster.await(
        "one other pod",
        () -> {
          smaller.round();
          List<String> names = names(CLUSTER.pods());
          return names.size() == 1 && !names.equals(left);
        });
  }

  @Test
  void a_database_that_is_away_makes_nobody_look_silent() throws IOException {
    pod(instance("crashed", NO_POOL));
    SandboxPods living =
        new SandboxPods(
            CLUSTER.client(),
            TestPods.settings(CLUSTER.namespace()),
            PodProgram.IDLE,
            NO_POOL,
            new SandboxPods.Identity("living", SILENCE, GRACE),
            _ -> {
              throw new IllegalStateException("no database");
            },
            tally,
            now::get);

    rounds(living);

    assertEquals(1, CLUSTER.pods().size());
  }
}
