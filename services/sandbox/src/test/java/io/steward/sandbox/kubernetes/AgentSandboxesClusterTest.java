package io.steward.sandbox.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.steward.sandbox.driver.remote.SandboxGoneException;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/// Pods that agent-sandbox makes, on a real API server, with real pods and a controller that stands
/// in for the real one. Time is moved by hand, but the cluster has its own.
@EnabledIfEnvironmentVariable(named = "KUBECONFIG", matches = ".+")
@Timeout(300)
class AgentSandboxesClusterTest {
  private static final AgentCluster CLUSTER = new AgentCluster();
  private static final Duration SILENCE = Duration.ofSeconds(30);
  private static final Duration GRACE = Duration.ofMinutes(2);
  private static final PoolSize NO_POOL = pool(0);

  private static final KubernetesClient CLIENT = restricted();

  private final Set<String> alive = ConcurrentHashMap.newKeySet();
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private final PodTally tally = new PodTally();
  private StandInController controller = new StandInController(CLUSTER.api());

  private static KubernetesClient restricted() {
    try {
      return CLUSTER.restricted();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @AfterAll
  static void close() {
    CLIENT.close();
    CLUSTER.close();
  }

  @AfterEach
  void clear() throws InterruptedException {
    controller.close();
    CLUSTER.clear();
  }

  private static PoolSize pool(int size) {
    return new PoolSize(size, size, Duration.ofMinutes(2), Duration.ofHours(1));
  }

  private static PodSettings settings() {
    return TestPods.byAgentSandbox(TestPods.settings(namespace()));
  }

  private static String namespace() {
    return CLUSTER.cluster().namespace();
  }

  private SandboxPods instance(String name, PoolSize pool) {
    return instance(name, pool, settings());
  }

  private SandboxPods instance(String name, PoolSize pool, PodSettings settings) {
    return new SandboxPods(
        settings.provisioning() == PodSettings.Provisioning.PODS
            ? CLUSTER.cluster().client()
            : CLIENT,
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

  private static String refusal(SandboxPods pods) throws IOException {
    return assertInstanceOf(SandboxPods.Obtained.Refused.class, pods.obtain(SessionId.random(0)))
        .reason();
  }

  private static int exitCode(SandboxPod pod) throws IOException {
    PodConnection connection = pod.start(List.of("true"));
    assertTrue(connection.awaitEnd(Duration.ofSeconds(20)));
    return connection.exitCode().orElseThrow();
  }

  /// Two rounds with enough time before each for everybody to be judged.
  private void rounds(SandboxPods pods) {
    pods.round();
    now.updateAndGet(time -> time.plus(SILENCE).plus(GRACE).plusSeconds(1));
    pods.round();
  }

  private static List<String> names(AgentApi.Kind kind) {
    return CLUSTER.all(kind).stream().map(object -> object.getMetadata().getName()).toList();
  }

  private static void awaitWaiting(int count) {
    TestCluster.await(
        count + " sandboxes wait",
        () ->
            CLUSTER.all(AgentApi.Kind.POOL).stream()
                .anyMatch(
                    pool -> Integer.valueOf(count).equals(pool.get("status", "readyReplicas"))));
  }

  private static void awaitSandboxes(int count) {
    TestCluster.await(count + " sandboxes", () -> names(AgentApi.Kind.SANDBOX).size() == count);
  }

  private static void awaitPods(int count) {
    CLUSTER.cluster().awaitPods(count, () -> {});
  }

  @Test
  void a_pod_is_what_it_would_be_without_agent_sandbox() throws IOException {
    SandboxPod given = pod(instance("a", NO_POOL));

    assertEquals(0, exitCode(given));
    assertEquals(List.of(false), tally.warm);
    Pod actual = CLUSTER.cluster().pods().getFirst();
    Pod plain = plain();
    assertEquals(plain.getSpec().getSecurityContext(), actual.getSpec().getSecurityContext());
    assertEquals(
        plain.getSpec().getContainers().getFirst().getSecurityContext(),
        actual.getSpec().getContainers().getFirst().getSecurityContext());
    assertEquals(
        plain.getSpec().getContainers().getFirst().getResources(),
        actual.getSpec().getContainers().getFirst().getResources());
    assertEquals(plain.getSpec().getVolumes(), actual.getSpec().getVolumes());
    assertEquals(
        plain.getSpec().getActiveDeadlineSeconds(), actual.getSpec().getActiveDeadlineSeconds());
    assertEquals(false, actual.getSpec().getAutomountServiceAccountToken());
    assertTrue(
        actual
            .getMetadata()
            .getLabels()
            .entrySet()
            .containsAll(PodLabels.ofInstallation("test").entrySet()));

    given.close();
    assertEquals(List.of(), names(AgentApi.Kind.CLAIM));
    assertEquals(List.of(), names(AgentApi.Kind.SANDBOX));
    awaitPods(0);
  }

  /// As the API server completes it.
  private static Pod plain() {
    PodSpecs specs = new PodSpecs(TestPods.settings(namespace()), PodProgram.IDLE);
    return CLUSTER
        .cluster()
        .client()
        .resource(specs.forPool("plain", "somebody"))
        .dryRun(true)
        .create();
  }

  @Test
  void nothing_of_template_pool_and_claim_is_dropped_by_the_api_server() throws IOException {
    pod(instance("a", pool(1)));

    GenericKubernetesResource template = CLUSTER.all(AgentApi.Kind.TEMPLATE).getFirst();
    assertEquals("Unmanaged", template.get("spec", "networkPolicyManagement"));
    assertEquals(false, template.get("spec", "service"));
    GenericKubernetesResource pool = CLUSTER.all(AgentApi.Kind.POOL).getFirst();
    assertEquals(template.getMetadata().getName(), pool.get("spec", "sandboxTemplateRef", "name"));
    assertEquals("Recreate", pool.get("spec", "updateStrategy", "type"));
    GenericKubernetesResource claim = CLUSTER.all(AgentApi.Kind.CLAIM).getFirst();
    assertEquals("Delete", claim.get("spec", "lifecycle", "shutdownPolicy"));
    assertTrue(
        Instant.parse(claim.get("spec", "lifecycle", "shutdownTime"))
            .isAfter(now.get().plus(settings().lifetimes().active())));
  }

  @Test
  void sandboxes_that_wait_are_given_once_each_and_made_again() throws Exception {
    SandboxPods first = instance("first", pool(2));
    SandboxPods second = instance("second", pool(2));
    first.round();
    second.round();
    awaitWaiting(2);
    assertEquals(1, names(AgentApi.Kind.POOL).size());

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<SandboxPod> one = threads.submit(() -> pod(first));
      Future<SandboxPod> other = threads.submit(() -> pod(second));
      assertNotEquals(one.get().name(), other.get().name());
      assertEquals(0, exitCode(one.get()));
    }

    assertEquals(List.of(true, true), tally.warm);
    second.round();
    awaitSandboxes(4);
    awaitWaiting(2);
    first.round();
    assertEquals(2, tally.waiting);
    assertEquals(4, names(AgentApi.Kind.SANDBOX).size(), "never more than wanted");
  }

  @Test
  void a_warm_pod_is_there_sooner_than_a_cold_one() throws IOException {
    SandboxPod cold = pod(instance("a", NO_POOL));
    SandboxPods pods = instance("a", pool(1));
    pods.round();
    awaitWaiting(1);
    SandboxPod warm = pod(pods);

    assertEquals(List.of(false, true), tally.warm);
    long start = System.nanoTime();
    assertEquals(0, exitCode(warm));
    System.out.printf(
        "agent-sandbox, with a controller that stands in: cold %d ms, warm %d ms, one exec %d ms%n",
        tally.took.get(0).toMillis(),
        tally.took.get(1).toMillis(),
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    cold.close();
  }

  @Test
  void a_pod_that_is_made_again_under_its_name_is_not_the_sandbox_any_more() throws Exception {
    SandboxPods pods = instance("a", NO_POOL);
    SandboxPod given = pod(pods);
    Pod first = CLUSTER.cluster().pods().getFirst();
    new PodRemoval(CLUSTER.cluster().client()).remove(first);
    TestCluster.await(
        "another pod of that name is ready",
        () ->
            CLUSTER.cluster().pods().stream()
                .filter(Readiness::isPodReady)
                .anyMatch(pod -> !pod.getMetadata().getUid().equals(first.getMetadata().getUid())));

    assertEquals(
        "its pod was deleted",
        assertThrows(SandboxGoneException.class, () -> given.start(List.of("true"))).getMessage());
    assertTrue(instance("a", NO_POOL).find(given.incarnation()).isEmpty());

    given.close();
    awaitPods(0);
    assertEquals(0, exitCode(pod(pods)), "the next one is as good as any");
  }

  @Test
  void an_instance_that_starts_again_finds_its_claims_and_removes_the_others() throws IOException {
    SandboxPods before = instance("a", NO_POOL);
    SandboxPod kept = pod(before);
    pod(before);

    SandboxPods after = instance("a", NO_POOL);
    SandboxPod found = after.find(kept.incarnation()).orElseThrow();
    rounds(after);

    assertEquals(0, exitCode(found));
    CLUSTER.cluster().awaitPods(1, after::round);
    assertEquals(kept.name(), CLUSTER.cluster().pods().getFirst().getMetadata().getName());
    // While it goes, a clock that was put forward calls it stuck.
    assertEquals(PodReconciliation.Cause.ORPHAN, tally.removed.getFirst());
  }

  @Test
  void a_claim_taken_over_belongs_to_who_took_it_and_that_of_a_silent_one_goes()
      throws IOException {
    SandboxPod first = pod(instance("crashed", NO_POOL));
    pod(instance("crashed", NO_POOL));
    SandboxPods second = instance("second", NO_POOL);
    SandboxPods third = instance("third", NO_POOL);

    SandboxPod taken = second.find(first.incarnation()).orElseThrow();
    alive.addAll(Set.of("second", "third"));
    second.round();
    rounds(third);

    assertEquals(List.of(PodReconciliation.Cause.SILENT_INSTANCE), tally.removed);
    first.close();
    assertEquals(0, exitCode(taken), "who had it before cannot remove it");
    taken.close();
    awaitPods(0);
  }

  @Test
  void the_pool_is_drained_when_nothing_should_wait_and_made_anew_when_it_is_old() {
    instance("a", pool(2)).round();
    awaitWaiting(2);
    SandboxPods smaller = instance("a", pool(1));
    smaller.round();
    awaitSandboxes(1);
    List<String> waiting = names(AgentApi.Kind.SANDBOX);

    now.updateAndGet(time -> time.plus(Duration.ofHours(2)));
    smaller.round();
    TestCluster.await(
        "another one waits",
        () -> names(AgentApi.Kind.SANDBOX).stream().noneMatch(waiting::contains));

    instance("a", NO_POOL).round();
    awaitSandboxes(0);
    assertEquals(1, names(AgentApi.Kind.POOL).size(), "claims need it");
  }

  @Test
  void template_and_pool_of_a_shape_nobody_makes_any_more_go() throws InterruptedException {
    instance("old", pool(1)).round();
    awaitWaiting(1); // Or its pod is stuck when the time is another.
    List<String> before = names(AgentApi.Kind.TEMPLATE);
    PodSettings changed =
        TestPods.byAgentSandbox(
            TestPods.settings(
                namespace(), TestPods.IMAGE, TestPods.resources("1", "128Mi"), Duration.ofDays(1)));
    alive.add("new");

    SandboxPods pods = instance("new", NO_POOL, changed);
    rounds(pods);

    // The controller may write to a pool that is just removed: then the next round removes it.
    TestCluster.await(
        "one template and its pool are left",
        () -> {
          pods.round();
          return names(AgentApi.Kind.TEMPLATE).size() == 1 && names(AgentApi.Kind.POOL).size() == 1;
        });
    assertNotEquals(before, names(AgentApi.Kind.TEMPLATE));
    assertEquals(names(AgentApi.Kind.TEMPLATE), names(AgentApi.Kind.POOL));
    // What the controller makes meanwhile is days old by this test's clock, and removed as stuck.
    assertTrue(tally.removed.contains(PodReconciliation.Cause.OLD_SHAPE), tally.removed.toString());
  }

  @Test
  void what_somebody_changed_in_the_template_is_changed_back() {
    SandboxPods pods = instance("a", NO_POOL);
    pods.round();
    GenericKubernetesResource template = CLUSTER.all(AgentApi.Kind.TEMPLATE).getFirst();
    Map<String, Object> spec = template.get("spec");
    spec.put("networkPolicyManagement", "Managed");
    CLUSTER.api().all(AgentApi.Kind.TEMPLATE).resource(template).update();

    pods.round();

    assertEquals(
        "Unmanaged",
        CLUSTER.all(AgentApi.Kind.TEMPLATE).getFirst().get("spec", "networkPolicyManagement"));
  }

  @Test
  void a_claim_whose_pool_somebody_deleted_is_tried_again() throws IOException {
    SandboxPods pods = instance("a", NO_POOL);
    pods.round();
    CLUSTER.api().all(AgentApi.Kind.POOL).delete();

    IOException e = assertThrows(IOException.class, () -> pods.obtain(SessionId.random(0)));
    assertEquals("The template of the sandboxes was not there and is made again.", e.getMessage());
    assertEquals(List.of(), names(AgentApi.Kind.CLAIM));
    assertEquals(0, exitCode(pod(pods)));
  }

  @Test
  void an_image_that_cannot_be_pulled_refuses_the_session() throws IOException {
    PodSettings settings =
        TestPods.byAgentSandbox(
            TestPods.settings(
                namespace(),
                "Not/An:Image",
                TestPods.resources("1", "64Mi"),
                Duration.ofSeconds(60)));

    String reason = refusal(instance("a", NO_POOL, settings));

    assertTrue(reason.startsWith("The image of the sandbox cannot be pulled"), reason);
    assertEquals(List.of("image"), tally.refused);
    assertEquals(List.of(), names(AgentApi.Kind.CLAIM));
  }

  @Test
  void a_quota_that_is_used_up_refuses_the_session() throws IOException {
    CLUSTER
        .cluster()
        .client()
        .resource(
            new ResourceQuotaBuilder()
                .withNewMetadata()
                .withName("none")
                .withNamespace(namespace())
                .endMetadata()
                .withNewSpec()
                .addToHard("pods", new Quantity("0"))
                .endSpec()
                .build())
        .create();
    TestCluster.await(
        "the quota holds",
        () ->
            CLUSTER
                    .cluster()
                    .client()
                    .resourceQuotas()
                    .inNamespace(namespace())
                    .withName("none")
                    .get()
                    .getStatus()
                    .getHard()
                != null);

    String reason = refusal(instance("a", NO_POOL));

    assertTrue(reason.startsWith("The quota of the sandboxes' namespace is used up"), reason);
    assertEquals(List.of("quota"), tally.refused);
  }

  @Test
  void a_controller_that_does_not_answer_is_named() throws Exception {
    controller.close();
    PodSettings hasty =
        TestPods.byAgentSandbox(
            TestPods.settings(
                namespace(),
                TestPods.IMAGE,
                TestPods.resources("1", "64Mi"),
                Duration.ofSeconds(1)));

    String reason = refusal(instance("a", NO_POOL, hasty));

    assertTrue(reason.contains("the controller of agent-sandbox"), reason);
    assertEquals(List.of("controller"), tally.refused);
    assertEquals(List.of(), names(AgentApi.Kind.CLAIM));
    controller = new StandInController(CLUSTER.api());
  }

  @Test
  void pods_of_the_time_before_go_and_after_a_change_back_claims_are_left_alone()
      throws IOException {
    PodSettings plain = TestPods.settings(namespace());
    SandboxPod before = pod(instance("a", NO_POOL, plain));
    alive.add("a");

    rounds(instance("a", NO_POOL));
    assertEquals(List.of(PodReconciliation.Cause.ORPHAN), tally.removed);
    assertEquals("its pod was deleted", before.end().orElseThrow());

    SandboxPod claimed = pod(instance("a", NO_POOL));
    rounds(instance("a", NO_POOL, plain));
    assertEquals(0, exitCode(claimed));
    assertEquals(1, tally.removed.size());
  }

  @Test
  void cycles_of_claiming_and_ending_leave_nothing() throws Exception {
    SandboxPods pods = instance("a", pool(1));
    pods.round();
    awaitWaiting(1);
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Future<Integer>> codes = new ArrayList<>();
      for (int cycle = 0; cycle < Integer.getInteger("steward.pods.cycles", 5); cycle++) {
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
    now.updateAndGet(time -> time.plus(Duration.ofHours(1))); // Nothing was taken lately.
    instance("a", NO_POOL).round();

    assertEquals(List.of(), names(AgentApi.Kind.CLAIM));
    awaitSandboxes(0);
  }

  /// A controller for each test, which sees nothing of the one before.
  @BeforeEach
  void isEmpty() {
    awaitPods(0);
  }
}
