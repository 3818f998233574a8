package io.steward.sandbox.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.driver.remote.RemoteMirror;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/// A cluster without agent-sandbox.
@EnabledIfEnvironmentVariable(named = "KUBECONFIG", matches = ".+")
@Timeout(60)
class AgentAbsentClusterTest {
  @Test
  void who_asks_for_it_by_name_is_told_what_to_install(@TempDir Path root) {
    try (KubernetesClient client = ClusterClient.connect();
        KubernetesDriver plain = driver(root, TestPods.settings("nowhere"));
        KubernetesDriver driver =
            driver(root, TestPods.byAgentSandbox(TestPods.settings("nowhere")))) {
      assumeFalse(AgentCluster.isThere(client), "this cluster has agent-sandbox");

      plain.requireProvisioner();
      assertEquals(
          "sandbox.kubernetes.provisioner is agent-sandbox, but the cluster has no Sandbox of"
              + " agents.x-k8s.io/v1beta1, no SandboxTemplate of"
              + " extensions.agents.x-k8s.io/v1beta1, no SandboxWarmPool of"
              + " extensions.agents.x-k8s.io/v1beta1, no SandboxClaim of"
              + " extensions.agents.x-k8s.io/v1beta1. Install a release of"
              + " kubernetes-sigs/agent-sandbox that serves v1beta1, with its extensions, or set the"
              + " key to pods.",
          assertThrows(IllegalStateException.class, driver::requireProvisioner).getMessage());
    }
  }

  @Test
  void a_session_is_told_when_it_went_meanwhile() throws IOException {
    try (KubernetesClient client = ClusterClient.connect()) {
      assumeFalse(AgentCluster.isThere(client), "this cluster has agent-sandbox");
      SandboxPods pods =
          new SandboxPods(
              client,
              TestPods.byAgentSandbox(TestPods.settings("default")),
              PodProgram.IDLE,
              new PoolSize(0, 0, Duration.ofMinutes(2), Duration.ofHours(1)),
              new SandboxPods.Identity("a", Duration.ofSeconds(30), Duration.ofMinutes(2)),
              _ -> Set.of(),
              new PodTally(),
              InstantSource.system());

      assertEquals(
          new SandboxPods.Obtained.Refused(
              "The cluster knows no claims of sandboxes (any more); the operator has to install"
                  + " agent-sandbox with its extensions."),
          pods.obtain(SessionId.random(0)));
    }
  }

  private static KubernetesDriver driver(Path root, PodSettings settings) {
    return new KubernetesDriver(
        ClusterClient.connect(),
        new KubernetesDriver.Setup(
            settings,
            new PoolSize(0, 0, Duration.ofMinutes(2), Duration.ofHours(1)),
            "sbxo_1",
            Duration.ofSeconds(30),
            Duration.ofMinutes(2)),
        new KubernetesDriver.Mirrored(
            root,
            new SandboxLimits(256L << 20, 128, 64L << 20, 32L << 20, Duration.ofSeconds(3)),
            new RemoteMirror.Limits(64L << 20, 1000, Duration.ofSeconds(30))),
        _ -> Set.of(),
        new PodTally(),
        InstantSource.system());
  }
}
