package io.steward.sandbox.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EnabledIfEnvironmentVariable(named = "KUBECONFIG", matches = ".+")
@Timeout(120)
class PodStartsClusterTest {
  private static final PodLabels.Use USE =
      new PodLabels.Use("sbxo_01abc", "sesn_0111222", "sbx_01def");
  private static final TestCluster CLUSTER = new TestCluster();

  private final PodRemoval removal = new PodRemoval(CLUSTER.client());

  @AfterAll
  static void close() {
    CLUSTER.close();
  }

  @AfterEach
  void removePods() {
    CLUSTER.pods().forEach(removal::remove);
  }

  private PodStarts starts(Duration longest) {
    return new PodStarts(CLUSTER.client(), removal, longest);
  }

  private static Pod wanted(PodSettings settings) {
    return new PodSpecs(settings, PodProgram.IDLE).forSession("sandbox-1", USE);
  }

  private Pod ready() throws IOException {
    PodStarts.Start start =
        starts(Duration.ofSeconds(60)).start(wanted(TestPods.settings(CLUSTER.namespace())));
    return assertInstanceOf(PodStarts.Start.Ready.class, start).pod();
  }

  private static PodConnection exec(Pod pod, String... command) throws IOException {
    return PodConnection.open(
        CLUSTER.client(), CLUSTER.namespace(), pod.getMetadata().getName(), List.of(command));
  }

  private PodTrouble refusal(PodSettings settings, Duration longest) throws IOException {
    PodStarts.Start start = starts(longest).start(wanted(settings));
    assertEquals(List.of(), CLUSTER.pods());
    return assertInstanceOf(PodStarts.Start.Refused.class, start).trouble();
  }

  @Test
  void a_program_in_a_pod_reads_and_writes_and_ends_with_its_code() throws IOException {
    Pod pod = ready();
    try (PodConnectionClosing closing =
        new PodConnectionClosing(
            exec(pod, "bash", "-c", "read x; echo \"$x\"; id -u >&2; exit 7"))) {
      PodConnection connection = closing.connection();
      connection.orders().write("hello\n".getBytes(StandardCharsets.UTF_8));
      connection.orders().flush();

      assertEquals("hello\n", text(connection.frames().readAllBytes()));
      assertEquals("1000\n", text(connection.output().readAllBytes()));
      assertTrue(connection.awaitEnd(Duration.ofSeconds(10)));
      assertEquals(OptionalInt.of(7), connection.exitCode());
    }
  }

  @Test
  void a_program_that_closes_an_output_still_reads_its_input() throws Exception {
    Pod pod = ready();
    try (PodConnectionClosing closing =
        new PodConnectionClosing(
            exec(pod, "bash", "-c", "exec 2>&-; sleep 0.3; read x; echo \"$x\""))) {
      PodConnection connection = closing.connection();
      connection.orders().write("hello\n".getBytes(StandardCharsets.UTF_8));
      connection.orders().flush();

      assertEquals("hello\n", text(connection.frames().readAllBytes()));
    }
  }

  @Test
  void megabytes_go_both_ways_while_nobody_hurries() throws Exception {
    byte[] sent = new byte[8 << 20];
    RandomGenerator.of("L64X128MixRandom").nextBytes(sent);
    Pod pod = ready();
    try (PodConnectionClosing closing =
        new PodConnectionClosing(exec(pod, "head", "-c", Integer.toString(sent.length)))) {
      PodConnection connection = closing.connection();
      ByteArrayOutputStream received = new ByteArrayOutputStream();
      Thread reader =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  connection.frames().transferTo(received);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      connection.orders().write(sent);
      connection.orders().flush();
      reader.join();

      assertTrue(Arrays.equals(sent, received.toByteArray()));
    }
  }

  @Test
  void a_connection_ends_with_its_pod() throws IOException {
    Pod pod = ready();
    try (PodConnectionClosing closing = new PodConnectionClosing(exec(pod, "sleep", "600"))) {
      removal.remove(pod);

      assertTrue(closing.connection().awaitEnd(Duration.ofSeconds(60)));
      assertTrue(removal.remove(pod), "again is no different");
    }
  }

  @Test
  void a_pod_is_removed_only_as_long_as_it_is_the_one_that_was_meant() throws IOException {
    Pod pod = ready();
    Pod other =
        pod.edit()
            .editMetadata()
            .withUid("11111111-2222-3333-4444-555555555555")
            .endMetadata()
            .build();

    removal.remove(other);

    assertEquals(1, CLUSTER.pods().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:1/no-such-image:1", "Not An Image"})
  void an_image_that_is_not_there_is_refused_with_a_sentence(String image) throws IOException {
    PodSettings settings =
        TestPods.settings(
            CLUSTER.namespace(), image, TestPods.resources("1", "64Mi"), Duration.ofSeconds(4));

    PodTrouble trouble = refusal(settings, Duration.ofSeconds(4));

    assertEquals("image", trouble.cause());
    assertTrue(trouble.sentence().contains("cannot be pulled"), trouble.sentence());
  }

  @Test
  void the_scheduler_says_why_no_node_takes_a_pod() throws IOException {
    PodSettings settings =
        new PodSettings(
            CLUSTER.namespace(),
            "test",
            TestPods.IMAGE,
            List.of(),
            Optional.empty(),
            Map.of("no-such-label", "here"),
            List.of(),
            TestPods.resources("1", "64Mi"),
            new PodSettings.Lifetimes(Duration.ofMinutes(1), Duration.ofSeconds(2)),
            PodSettings.Provisioning.PODS);

    PodTrouble trouble = refusal(settings, Duration.ofSeconds(2));

    assertEquals("unschedulable", trouble.cause());
    assertTrue(trouble.sentence().contains("nodes are available"), trouble.sentence());
  }

  @Test
  void a_quota_is_named() throws IOException {
    var quota =
        CLUSTER
            .client()
            .resource(
                new ResourceQuotaBuilder()
                    .withNewMetadata()
                    .withName("none")
                    .withNamespace(CLUSTER.namespace())
                    .endMetadata()
                    .withNewSpec()
                    .addToHard("pods", new Quantity("0"))
                    .endSpec()
                    .build());
    quota.create();
    quota.waitUntilCondition(
        known ->
            known != null
                && known.getStatus() != null
                && known.getStatus().getHard() != null
                && known.getStatus().getHard().containsKey("pods"),
        30,
        TimeUnit.SECONDS);
    try {
      PodTrouble trouble = refusal(TestPods.settings(CLUSTER.namespace()), Duration.ofSeconds(10));

      assertEquals("quota", trouble.cause());
    } finally {
      quota.delete();
    }
  }

  @Test
  void a_namespace_that_is_not_there_is_named() throws IOException {
    PodTrouble trouble = refusal(TestPods.settings("no-such-namespace"), Duration.ofSeconds(10));

    assertEquals("missing", trouble.cause());
  }

  @Test
  void a_command_the_image_lacks_fails_and_says_so() throws IOException {
    Pod pod = ready();
    try (PodConnectionClosing closing = new PodConnectionClosing(exec(pod, "no-such-program"))) {
      assertTrue(closing.connection().awaitEnd(Duration.ofSeconds(10)));
      assertEquals(OptionalInt.of(127), closing.connection().exitCode());
    }
  }

  @Test
  void a_pod_that_is_gone_takes_no_program() {
    assertThrows(
        IOException.class, () -> exec(wanted(TestPods.settings(CLUSTER.namespace())), "true"));
  }

  private record PodConnectionClosing(PodConnection connection) implements AutoCloseable {
    @Override
    public void close() {
      connection.kill();
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
