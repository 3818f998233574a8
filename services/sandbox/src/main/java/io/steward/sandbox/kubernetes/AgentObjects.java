package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.UUID;

/// Makes the objects that agent-sandbox makes pods of: a template and a pool for each shape, and a
/// claim for each sandbox. Nothing here asks the cluster anything.
///
/// A pod of the template differs from a plain one in nothing but its labels. Its controller makes
/// no NetworkPolicy for it (its own would let pods reach the internet) and no Service.
final class AgentObjects {
  /// A claim that nobody removes ends by itself so long after its pod at the latest.
  private static final Duration CLAIM_LEFT_OVER = Duration.ofHours(1);

  private final PodSettings settings;
  private final PodSpecs specs;
  private final String instance;
  private final String poolName;

  /// @param instance who makes them
  AgentObjects(PodSettings settings, PodSpecs specs, String instance) {
    this.settings = settings;
    this.specs = specs;
    this.instance = instance;
    String whose = settings.installation() + "/" + specs.shape();
    this.poolName =
        "steward-" + UUID.nameUUIDFromBytes(whose.getBytes(StandardCharsets.UTF_8)); // Short.
  }

  /// Of the pool of this shape, and of its template.
  String poolName() {
    return poolName;
  }

  /// Who makes them.
  String instance() {
    return instance;
  }

  GenericKubernetesResource template() {
    Map<String, Object> podTemplate =
        Map.of(
            "metadata",
            Map.of("labels", PodLabels.ofTemplate(settings.installation(), specs.shape())),
            "spec",
            specs.spec());
    return object(
        AgentApi.Kind.TEMPLATE,
        poolName,
        PodLabels.ofPool(settings.installation(), instance, specs.shape()),
        Map.of(
            "podTemplate", podTemplate, "networkPolicyManagement", "Unmanaged", "service", false));
  }

  /// @param waiting how many sandboxes wait
  GenericKubernetesResource pool(int waiting) {
    return object(
        AgentApi.Kind.POOL,
        poolName,
        PodLabels.ofPool(settings.installation(), instance, specs.shape()),
        Map.of(
            "replicas",
            waiting,
            "sandboxTemplateRef",
            Map.of("name", poolName),
            "updateStrategy",
            Map.of("type", "Recreate")));
  }

  GenericKubernetesResource claim(String name, PodLabels.Use use, Instant now) {
    Instant shutdown =
        now.plus(settings.lifetimes().start())
            .plus(settings.lifetimes().active())
            .plus(CLAIM_LEFT_OVER)
            .truncatedTo(ChronoUnit.SECONDS);
    return object(
        AgentApi.Kind.CLAIM,
        name,
        PodLabels.ofSession(settings.installation(), use, specs.shape()),
        Map.of(
            "warmPoolRef",
            Map.of("name", poolName),
            "lifecycle",
            Map.of("shutdownTime", shutdown.toString(), "shutdownPolicy", "Delete")));
  }

  private GenericKubernetesResource object(
      AgentApi.Kind kind, String name, Map<String, String> labels, Map<String, Object> spec) {
    GenericKubernetesResource object = new GenericKubernetesResource();
    object.setApiVersion(kind.apiVersion());
    object.setKind(kind.kind());
    object.setMetadata(
        new ObjectMetaBuilder()
            .withName(name)
            .withNamespace(settings.namespace())
            .withLabels(labels)
            .build());
    object.setAdditionalProperty("spec", spec);
    return object;
  }
}
