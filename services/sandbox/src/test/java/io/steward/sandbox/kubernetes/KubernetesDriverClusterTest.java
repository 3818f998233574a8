package io.steward.sandbox.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.readiness.Readiness;
import io.steward.sandbox.driver.Mirror;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SandboxDriver.Opening;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.driver.SessionDirectory;
import io.steward.sandbox.driver.remote.RemoteMirror;
import io.steward.sandbox.shim.Cancellation;
import io.steward.sandbox.shim.Recalled;
import io.steward.sandbox.shim.Sandbox;
import io.steward.sandbox.shim.ShellEnd;
import io.steward.schemas.id.SessionId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/// Sandboxes in pods, as the rest of the service uses them.
@EnabledIfEnvironmentVariable(named = "KUBECONFIG", matches = ".+")
@Timeout(120)
class KubernetesDriverClusterTest {
  private static final TestCluster CLUSTER = new TestCluster();
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final SandboxLimits LIMITS =
      new SandboxLimits(256L << 20, 128, 64L << 20, 32L << 20, Duration.ofSeconds(3));

  private final SessionId session = SessionId.random(0);
  private final PodTally tally = new PodTally();
  private final SandboxDriver driver = driver(0);

  @AfterAll
  static void close() {
    CLUSTER.close();
  }

  @AfterEach
  void removePods() {
    PodRemoval removal = new PodRemoval(CLUSTER.client());
    CLUSTER.pods().forEach(removal::remove);
  }

  private KubernetesDriver driver(int pool) {
    return new KubernetesDriver(
        ClusterClient.connect(),
        new KubernetesDriver.Setup(
            TestPods.settings(CLUSTER.namespace()),
            new PoolSize(pool, pool, Duration.ofMinutes(2), Duration.ofHours(1)),
            "sbxo_1",
            Duration.ofSeconds(30),
            Duration.ofMinutes(2)),
        new KubernetesDriver.Mirrored(
            root(), LIMITS, new RemoteMirror.Limits(64L << 20, 1000, Duration.ofSeconds(30))),
        _ -> Set.of("sbxo_1"),
        tally,
        InstantSource.system());
  }

  private Path root() {
    return Path.of(System.getProperty("java.io.tmpdir"), "steward-pods-" + session.value());
  }

  private Opening.Opened open(SandboxDriver with) throws IOException {
    return assertInstanceOf(Opening.Opened.class, with.open(session));
  }

  private static String output(Sandbox sandbox, String command) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    ShellEnd end =
        sandbox.run(
            command,
            (bytes, from, count) -> text.write(bytes, from, count),
            LONG,
            new Cancellation());
    return text.toString(StandardCharsets.UTF_8) + (end.equals(new ShellEnd.Exited(0)) ? "" : end);
  }

  @Test
  void a_shell_in_a_pod_keeps_what_it_was_told() throws IOException {
    Sandbox sandbox = open(driver).sandbox();

    assertEquals("", output(sandbox, "export A=1; cd /tmp"));
    assertEquals("1 /tmp agent 1000\n", output(sandbox, "echo $A $PWD $USER $(id -u)"));

    sandbox.close();
    assertEquals(List.of(), CLUSTER.pods());
  }

  @Test
  void input_of_a_megabyte_arrives_whole() throws IOException {
    Sandbox sandbox = open(driver).sandbox();

    String counted = output(sandbox, "wc -c <<'END'\n" + "x".repeat(1_000_000) + "\nEND");

    assertEquals("1000001", counted.strip());
  }

  @Test
  void the_shell_knows_nothing_of_the_cluster() throws IOException {
    Sandbox sandbox = open(driver).sandbox();

    assertEquals("", output(sandbox, "env | grep -i kube || true"));
    assertEquals("/workspace\n", output(sandbox, "pwd"));
  }

  @Test
  void a_pod_deleted_in_the_middle_of_a_command_costs_the_command_and_no_file() throws Exception {
    Opening.Opened opened = open(driver);
    assertEquals("", output(opened.sandbox(), "echo kept > /workspace/file"));
    opened.mirror().pull(Duration.ZERO);
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<ShellEnd> end =
        CompletableFuture.supplyAsync(() ->
            opened
                .sandbox()
                .run(
                    "echo begun; sleep 600",
                    (_, _, _) -> begun.countDown(),
                    LONG,
                    new Cancellation()));
    begun.await();

    PodRemoval removal = new PodRemoval(CLUSTER.client());
    CLUSTER.pods().forEach(removal::remove);

    ShellEnd.SandboxLost lost = assertInstanceOf(ShellEnd.SandboxLost.class, end.get());
    assertTrue(lost.toString().contains("its pod was deleted"), lost.toString());
    assertEquals("kept\n", output(open(driver).sandbox(), "cat /workspace/file"));
  }

  @Test
  void files_are_alike_inside_and_here() throws IOException {
    Path workspace = SessionDirectory.of(root(), session).workspace();
    Files.createDirectories(workspace);
    Files.writeString(workspace.resolve("from-here"), "1");
    Opening.Opened opened = open(driver);
    Mirror mirror = opened.mirror();

    assertEquals(
        "1", output(opened.sandbox(), "cat from-here; echo 2 > inside; mkdir d; ln -s inside d/l"));
    mirror.pull(Duration.ZERO);

    assertEquals("2\n", Files.readString(workspace.resolve("inside")));
    assertEquals(Path.of("inside"), Files.readSymbolicLink(workspace.resolve("d/l")));
  }

  @Test
  void a_command_goes_on_while_its_service_is_away() throws Exception {
    Opening.Opened opened = open(driver);
    CountDownLatch begun = new CountDownLatch(1);
    var _ =
        CompletableFuture.runAsync(() ->
            opened
                .sandbox()
                .run(
                    "call-1",
                    "echo begun; sleep 3; echo over",
                    (_, _, _) -> begun.countDown(),
                    LONG,
                    new Cancellation()));
    begun.await();
    opened.sandbox().detach("the service stops");

    Sandbox again =
        driver(0).reattach(session, opened.sandbox().incarnation()).orElseThrow().sandbox();
    Recalled.Command recalled =
        assertInstanceOf(Recalled.Command.class, again.recall("call-1", LONG));
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    ShellEnd end =
        again.await(
            "call-1",
            recalled,
            (bytes, from, count) -> text.write(bytes, from, count),
            LONG,
            new Cancellation());

    assertEquals(new ShellEnd.Exited(0), end);
    assertEquals("begun\nover\n", text.toString(StandardCharsets.UTF_8));
    again.close();
    assertEquals(List.of(), CLUSTER.pods());
  }

  @Test
  void a_sandbox_that_is_gone_is_not_reattached() throws IOException {
    Sandbox sandbox = open(driver).sandbox();
    sandbox.close();

    assertTrue(driver.reattach(session, sandbox.incarnation()).isEmpty());
  }

  @Test
  void the_first_call_on_a_warm_pod_and_on_a_cold_one() throws IOException {
    try (KubernetesDriver pooled = driver(1)) {
      long cold = firstCallMillis(pooled);
      pooled.start(Duration.ofMillis(200));
      CLUSTER
          .client()
          .pods()
          .inNamespace(CLUSTER.namespace())
          .withLabel(PodLabels.ROLE, PodLabels.POOL)
          .informOnCondition(pods -> pods.stream().anyMatch(Readiness::isPodReady))
          .orTimeout(60, TimeUnit.SECONDS)
          .join();
      long warm = firstCallMillis(pooled);
      System.out.printf("pods: first tool call, cold %d ms, warm %d ms%n", cold, warm);

      assertEquals(List.of(false, true), tally.warm);
    }
  }

  private long firstCallMillis(SandboxDriver with) throws IOException {
    long start = System.nanoTime();
    Sandbox sandbox = open(with).sandbox();
    assertEquals("hello\n", output(sandbox, "echo hello"));
    long millis = (System.nanoTime() - start) / 1_000_000;
    long next = System.nanoTime();
    assertEquals("hello\n", output(sandbox, "echo hello"));
    System.out.printf(
        "pods: the next call of a session %d ms%n", (System.nanoTime() - next) / 1_000_000);
    sandbox.close();
    return millis;
  }
}
