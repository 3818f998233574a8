package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// What the operator says of the pods of sandboxes.
///
/// @param namespace where all of them are
/// @param installation tells them from those of another installation in the same namespace
/// @param image needs bash, coreutils, findutils, grep, sed and tar, and nothing of ours
/// @param pullSecrets names of secrets of the namespace
/// @param runtimeClass what isolates them instead of the node's own runtime
/// @param nodeSelector labels of nodes they may run on
/// @param tolerations taints of nodes they may run on
/// @param lifetimes how long things may take
/// @param provisioning who makes them
public record PodSettings(
    String namespace,
    String installation,
    String image,
    List<String> pullSecrets,
    Optional<String> runtimeClass,
    Map<String, String> nodeSelector,
    List<Toleration> tolerations,
    Resources resources,
    Lifetimes lifetimes,
    Provisioning provisioning) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  public PodSettings {
    pullSecrets = List.copyOf(pullSecrets);
    nodeSelector = Map.copyOf(nodeSelector);
    tolerations = List.copyOf(tolerations);
    requireName("namespace", namespace);
    requireName("installation", installation);
    if (image.isBlank()) {
      throw new IllegalArgumentException(
          "sandbox.kubernetes.image (STEWARD_SANDBOX_IMAGE) is empty, but"
              + " STEWARD_SANDBOX=kubernetes needs the image of its pods");
    }
  }

  private static void requireName(String key, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "sandbox.kubernetes."
              + key
              + " must be up to 63 lower-case letters, digits and hyphens,"
              + " and begin and end with none of the latter, got "
              + name);
    }
  }

  /// Who makes pods.
  public enum Provisioning {
    /// This service.
    PODS("pods"),
    /// The controller of `kubernetes-sigs/agent-sandbox`, for claims that this service makes.
    AGENT_SANDBOX("agent-sandbox");

    private final String word;

    Provisioning(String word) {
      this.word = word;
    }

    /// @throws IllegalArgumentException when the word is none of them
    public static Provisioning of(String word) {
      for (Provisioning provisioning : values()) {
        if (provisioning.word.equals(word)) {
          return provisioning;
        }
      }
      throw new IllegalArgumentException(
          "sandbox.kubernetes.provisioner must be pods or agent-sandbox, got " + word);
    }
  }

  /// What one pod asks for and may use.
  ///
  /// @param memoryLimit with what is in `/run/steward`
  /// @param storageLimit bytes on the node's disk of all its directories and its log
  /// @param workspaceLimit bytes of each directory of the agent that is kept
  /// @param temporaryLimit bytes of `/tmp`
  public record Resources(
      Quantity cpuRequest,
      Quantity cpuLimit,
      Quantity memoryRequest,
      Quantity memoryLimit,
      Quantity storageRequest,
      Quantity storageLimit,
      Quantity workspaceLimit,
      Quantity temporaryLimit) {
    public Resources {
      ordered("cpu", cpuRequest, cpuLimit);
      ordered("memory", memoryRequest, memoryLimit);
      ordered("ephemeral-storage", storageRequest, storageLimit);
    }

    private static void ordered(String what, Quantity request, Quantity limit) {
      if (request.getNumericalAmount().compareTo(limit.getNumericalAmount()) > 0) {
        throw new IllegalArgumentException(
            "sandbox.kubernetes."
                + what
                + "-request must not be above the limit of "
                + limit
                + ", got "
                + request);
      }
    }
  }

  /// How long things may take.
  ///
  /// @param active a pod in all, from its start; then the cluster ends it
  /// @param start from its creation until it takes commands
  public record Lifetimes(Duration active, Duration start) {
    public Lifetimes {
      if (active.toSeconds() < 1 || start.isNegative() || start.isZero()) {
        throw new IllegalArgumentException(
            "sandbox.kubernetes.active-deadline must be at least 1s and start-timeout above 0, got "
                + active
                + " and "
                + start);
      }
    }
  }

  /// Labels of nodes, each `key=value`.
  ///
  /// @throws IllegalArgumentException when one has another form
  public static Map<String, String> nodeSelector(List<String> texts) {
    Map<String, String> labels = new LinkedHashMap<>();
    for (String text : texts) {
      int equals = text.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "sandbox.kubernetes.node-selector must be a list of key=value, got " + text);
      }
      labels.put(text.substring(0, equals), text.substring(equals + 1));
    }
    return labels;
  }

  /// Tolerations in the form of `kubectl taint`: `key`, `key:Effect` or `key=value:Effect`.
  ///
  /// @throws IllegalArgumentException when one has another form
  public static List<Toleration> tolerations(List<String> texts) {
    return texts.stream().map(PodSettings::toleration).toList();
  }

  private static Toleration toleration(String text) {
    String[] parts = text.split(":", 2);
    String[] taint = parts[0].split("=", 2);
    String effect = parts.length == 2 ? parts[1] : null;
    boolean known =
        effect == null || List.of("NoSchedule", "PreferNoSchedule", "NoExecute").contains(effect);
    if (taint[0].isBlank() || !known) {
      throw new IllegalArgumentException(
          "sandbox.kubernetes.tolerations must be a list of key, key:Effect or key=value:Effect"
              + " with NoSchedule, PreferNoSchedule or NoExecute, got "
              + text);
    }
    Toleration toleration = new Toleration();
    toleration.setKey(taint[0]);
    toleration.setOperator(taint.length == 2 ? "Equal" : "Exists");
    toleration.setValue(taint.length == 2 ? taint[1] : null);
    toleration.setEffect(effect);
    return toleration;
  }
}
