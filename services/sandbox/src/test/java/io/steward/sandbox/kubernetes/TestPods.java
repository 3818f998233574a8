package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Settings of pods for tests: small, and quick to give up.
final class TestPods {
  static final String IMAGE =
      Optional.ofNullable(System.getenv("STEWARD_TEST_IMAGE")).orElse("steward/sandbox-test:1");

  private TestPods() {}

  static PodSettings settings(String namespace) {
    return settings(namespace, IMAGE, resources("2", "256Mi"), Duration.ofSeconds(60));
  }

  static PodSettings settings(
      String namespace, String image, PodSettings.Resources resources, Duration start) {
    return new PodSettings(
        namespace,
        "test",
        image,
        List.of(),
        Optional.empty(),
        Map.of(),
        List.of(),
        resources,
        new PodSettings.Lifetimes(Duration.ofMinutes(10), start),
        PodSettings.Provisioning.PODS);
  }

  /// The same, made by agent-sandbox.
  static PodSettings byAgentSandbox(PodSettings settings) {
    return new PodSettings(
        settings.namespace(),
        settings.installation(),
        settings.image(),
        settings.pullSecrets(),
        settings.runtimeClass(),
        settings.nodeSelector(),
        settings.tolerations(),
        settings.resources(),
        settings.lifetimes(),
        PodSettings.Provisioning.AGENT_SANDBOX);
  }

  static PodSettings.Resources resources(String cpu, String memory) {
    return new PodSettings.Resources(
        new Quantity("10m"),
        new Quantity(cpu),
        new Quantity("16Mi"),
        new Quantity(memory),
        new Quantity("1Mi"),
        new Quantity("256Mi"),
        new Quantity("64Mi"),
        new Quantity("32Mi"));
  }
}
