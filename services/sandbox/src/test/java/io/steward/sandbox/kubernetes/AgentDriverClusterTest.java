package io.steward.sandbox.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sandbox.driver.SandboxDriver.Opening;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.driver.remote.RemoteMirror;
import io.steward.sandbox.shim.Cancellation;
import io.steward.sandbox.shim.Sandbox;
import io.steward.sandbox.shim.ShellEnd;
import io.steward.schemas.id.SessionId;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/// Sandboxes in pods of agent-sandbox, as the rest of the service uses them.
@EnabledIfEnvironmentVariable(named = "KUBECONFIG", matches = ".+")
@Timeout(120)
class AgentDriverClusterTest {
  private final SessionId session = SessionId.random(0);

  private KubernetesDriver driver(Path root, String namespace) {
    return new KubernetesDriver(
        ClusterClient.connect(),
        new KubernetesDriver.Setup(
            TestPods.byAgentSandbox(TestPods.settings(namespace)),
            new PoolSize(0, 0, Duration.ofMinutes(2), Duration.ofHours(1)),
            "sbxo_1",
            Duration.ofSeconds(30),
            Duration.ofMinutes(2)),
        new KubernetesDriver.Mirrored(
            root,
            new SandboxLimits(256L << 20, 128, 64L << 20, 32L << 20, Duration.ofSeconds(3)),
            new RemoteMirror.Limits(64L << 20, 1000, Duration.ofSeconds(30))),
        _ -> Set.of("sbxo_1"),
        new PodTally(),
        InstantSource.system());
  }

  private static String output(Sandbox sandbox, String command) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    ShellEnd end =
        sandbox.run(
            command,
            (bytes, from, count) -> text.write(bytes, from, count),
            Duration.ofSeconds(60),
            new Cancellation());
    return text.toString(StandardCharsets.UTF_8) + (end.equals(new ShellEnd.Exited(0)) ? "" : end);
  }

  @Test
  void a_shell_outlives_the_service_and_ends_with_its_sandbox(@TempDir Path root) throws Exception {
    try (AgentCluster cluster = new AgentCluster();
        StandInController _ = new StandInController(cluster.api())) {
      String incarnation;
      try (KubernetesDriver driver = driver(root, cluster.cluster().namespace())) {
        driver.requireProvisioner();
        Sandbox sandbox = assertInstanceOf(Opening.Opened.class, driver.open(session)).sandbox();
        assertEquals("", output(sandbox, "export A=1; echo kept > /workspace/file"));
        incarnation = sandbox.incarnation();
      }
      try (KubernetesDriver next = driver(root, cluster.cluster().namespace())) {
        Sandbox again = next.reattach(session, incarnation).orElseThrow().sandbox();
        again.listen();
        assertEquals("1 kept\n", output(again, "echo $A $(cat /workspace/file)"));

        again.close();
        assertEquals(0, cluster.all(AgentApi.Kind.CLAIM).size());
        assertTrue(next.reattach(session, incarnation).isEmpty());
      }
    }
  }
}
