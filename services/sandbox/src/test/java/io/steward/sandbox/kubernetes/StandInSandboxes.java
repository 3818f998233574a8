package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.steward.schemas.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What the controller of agent-sandbox does with one sandbox: it makes its pod, makes it again
/// when it is gone, and says how it is.
final class StandInSandboxes {
  private static final String OF_SANDBOX = "agents.x-k8s.io/sandbox-name-hash";

  private final AgentApi api;

  StandInSandboxes(AgentApi api) {
    this.api = api;
  }

  /// @param name empty for one that begins with that of its owner
  GenericKubernetesResource create(
      HasMetadata owner,
      @Nullable String name,
      Map<String, String> labels,
      GenericKubernetesResource template) {
    GenericKubernetesResource sandbox = new GenericKubernetesResource();
    sandbox.setApiVersion(AgentApi.Kind.SANDBOX.apiVersion());
    sandbox.setKind(AgentApi.Kind.SANDBOX.kind());
    sandbox.setMetadata(
        new ObjectMetaBuilder()
            .withName(name)
            .withGenerateName(name == null ? owner.getMetadata().getName() + "-" : null)
            .withLabels(labels)
            .withOwnerReferences(controller(owner))
            .build());
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("podTemplate", template.get("spec", "podTemplate"));
    spec.put("service", template.get("spec", "service"));
    sandbox.setAdditionalProperty("spec", spec);
    return api.all(AgentApi.Kind.SANDBOX).resource(sandbox).create();
  }

  static OwnerReference controller(HasMetadata owner) {
    return new OwnerReferenceBuilder()
        .withApiVersion(owner.getApiVersion())
        .withKind(owner.getKind())
        .withName(owner.getMetadata().getName())
        .withUid(owner.getMetadata().getUid())
        .withController(true)
        .withBlockOwnerDeletion(true)
        .build();
  }

  static boolean isControlledBy(HasMetadata object, HasMetadata owner) {
    return object.getMetadata().getOwnerReferences().stream()
        .anyMatch(reference -> reference.getUid().equals(owner.getMetadata().getUid()));
  }

  static boolean isReady(GenericKubernetesResource sandbox) {
    List<Map<String, Object>> conditions = sandbox.get("status", "conditions");
    return conditions != null
        && conditions.stream()
            .anyMatch(condition ->
                "Ready".equals(condition.get("type")) && "True".equals(condition.get("status")));
  }

  static String hash(String text) {
    return "%08x".formatted(text.hashCode());
  }

  void look(GenericKubernetesResource sandbox) {
    String name = sandbox.getMetadata().getName();
    Pod pod = api.client().pods().inNamespace(api.namespace()).withName(name).get();
    Map<String, Object> status = new HashMap<>();
    try {
      if (pod == null) {
        pod = api.client().resource(pod(sandbox)).create();
      } else {
        keepLabels(sandbox, pod);
      }
      status.put("selector", OF_SANDBOX + "=" + hash(name));
      status.put("podIPs", pod.getStatus().getPodIPs().stream().map(PodIP::getIp).toList());
      status.put("conditions", conditions(pod));
    } catch (KubernetesClientException e) {
      String said = e.getStatus() == null ? e.getMessage() : e.getStatus().getMessage();
      status.put(
          "conditions",
          List.of(condition("Ready", false, "ReconcilerError", "Error seen: " + said)));
    }
    status(api, AgentApi.Kind.SANDBOX, sandbox, status);
  }

  private Pod pod(GenericKubernetesResource sandbox) {
    Map<String, String> labels = new LinkedHashMap<>(labels(sandbox));
    labels.put(OF_SANDBOX, hash(sandbox.getMetadata().getName()));
    return new PodBuilder()
        .withNewMetadata()
        .withName(sandbox.getMetadata().getName())
        .withNamespace(api.namespace())
        .withLabels(labels)
        .withOwnerReferences(controller(sandbox))
        .endMetadata()
        .withSpec(
            Serialization.unmarshal(
                Serialization.asJson(sandbox.get("spec", "podTemplate", "spec")), PodSpec.class))
        .build();
  }

  private static Map<String, String> labels(GenericKubernetesResource sandbox) {
    Map<String, String> labels = sandbox.get("spec", "podTemplate", "metadata", "labels");
    return labels == null ? Map.of() : labels;
  }

  /// Labels of the template are the controller's, whoever changed them.
  private void keepLabels(GenericKubernetesResource sandbox, Pod pod) {
    Map<String, String> wanted = labels(sandbox);
    if (!pod.getMetadata().getLabels().entrySet().containsAll(wanted.entrySet())) {
      api.client()
          .resource(pod)
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              text(Map.of("metadata", Map.of("labels", wanted))));
    }
  }

  private static List<Map<String, Object>> conditions(Pod pod) {
    String phase = Objects.requireNonNullElse(pod.getStatus().getPhase(), "Pending");
    return switch (phase) {
      case "Failed" ->
          List.of(
              condition("Ready", false, "PodFailed", "Pod failed"),
              condition("Finished", true, "PodFailed", "Pod failed"));
      case "Succeeded" ->
          List.of(
              condition("Ready", false, "PodSucceeded", "Pod completed successfully"),
              condition("Finished", true, "PodSucceeded", "Pod completed successfully"));
      default ->
          List.of(
              Readiness.isPodReady(pod)
                  ? condition("Ready", true, "DependenciesReady", "Pod is Ready")
                  : condition(
                      "Ready", false, "DependenciesNotReady", "Pod exists with phase: " + phase));
    };
  }

  static Map<String, Object> condition(String type, boolean is, String reason, String message) {
    return Map.of(
        "type",
        type,
        "status",
        is ? "True" : "False",
        "reason",
        reason,
        "message",
        message,
        "lastTransitionTime",
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  /// Writes a status unless it says the same already.
  static void status(
      AgentApi api, AgentApi.Kind kind, GenericKubernetesResource object, Map<String, Object> now) {
    Map<String, Object> before = object.get("status");
    if (before != null && timeless(before).equals(timeless(now))) {
      return;
    }
    api.named(kind, object.getMetadata().getName())
        .subresource("status")
        .patch(PatchContext.of(PatchType.JSON_MERGE), text(Map.of("status", now)));
  }

  private static Object timeless(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        Map<Object, Object> rest = new HashMap<>();
        map.forEach((key, inner) -> rest.put(key, timeless(inner)));
        rest.remove("lastTransitionTime");
        yield rest;
      }
      case List<?> list -> list.stream().map(StandInSandboxes::timeless).toList();
      default -> value;
    };
  }

  private static String text(Map<String, Object> json) {
    return new String(Json.bytes(json), StandardCharsets.UTF_8);
  }
}
