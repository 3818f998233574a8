package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Why there is no pod, or none any more, as a sentence somebody can act on. Pure.
///
/// @param lasting whether trying again soon is of no use
/// @param cause one word for metrics, of [#CAUSES]
public record PodTrouble(String sentence, boolean lasting, String cause) {
  /// All words for causes.
  public static final Set<String> CAUSES =
      Set.of(
          "api",
          "container",
          "controller",
          "deadline",
          "ended",
          "evicted",
          "forbidden",
          "image",
          "invalid",
          "late",
          "memory",
          "missing",
          "quota",
          "unschedulable");

  /// Longest part of a sentence that comes from the cluster, in characters.
  private static final int WORDS_MAX = 300;

  private static final Set<String> IMAGE_REASONS =
      Set.of("ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError");
  private static final Set<String> CONTAINER_REASONS =
      Set.of(
          "CreateContainerConfigError",
          "CreateContainerError",
          "RunContainerError",
          "StartError",
          "CrashLoopBackOff");

  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int INVALID = 422;
  private static final int UNAUTHORIZED = 401;

  public PodTrouble {
    if (!CAUSES.contains(cause)) {
      throw new IllegalArgumentException("cause must be one of " + CAUSES + ", got " + cause);
    }
  }

  /// What keeps a pod from ever becoming ready, or ended it; empty while it may still become or
  /// stay so.
  public static Optional<PodTrouble> of(Pod pod) {
    PodStatus status = pod.getStatus();
    if (status == null) {
      return Optional.empty();
    }
    if ("Failed".equals(status.getPhase()) || "Succeeded".equals(status.getPhase())) {
      return Optional.of(ended(status));
    }
    return containers(status).flatMap(PodTrouble::waiting).findFirst();
  }

  /// What a pod was waiting for when the time was over.
  public static PodTrouble late(@Nullable Pod pod, String longest) {
    PodStatus status = pod == null ? null : pod.getStatus();
    if (status != null) {
      for (PodCondition condition : status.getConditions()) {
        if ("PodScheduled".equals(condition.getType()) && "False".equals(condition.getStatus())) {
          return new PodTrouble(
              "No node of the cluster has room for a sandbox: " + words(condition.getMessage()),
              true,
              "unschedulable");
        }
      }
      Optional<ContainerStateWaiting> waiting =
          containers(status).flatMap(PodTrouble::wait).findFirst();
      if (waiting.isPresent() && "ErrImagePull".equals(waiting.get().getReason())) {
        return image(waiting.get());
      }
    }
    return new PodTrouble(
        "The pod of the sandbox was not ready within " + longest + ".", false, "late");
  }

  /// Why the API server did not do what it was asked for.
  public static PodTrouble of(KubernetesClientException e) {
    String said = said(e);
    return switch (e.getCode()) {
      case FORBIDDEN -> forbidden(said);
      case UNAUTHORIZED ->
          new PodTrouble(
              "The cluster does not know the sandbox service; the operator has to renew its"
                  + " credentials.",
              true,
              "forbidden");
      case NOT_FOUND ->
          new PodTrouble(
              "The namespace of the sandboxes is not there; the operator has to create it: " + said,
              true,
              "missing");
      case INVALID -> invalid(said);
      default ->
          new PodTrouble(
              "The API server of the cluster did not answer as expected: " + said, false, "api");
    };
  }

  /// Without an answer, what kept it away: the exception itself only says what was asked for.
  private static String said(KubernetesClientException e) {
    if (e.getStatus() != null) {
      return words(e.getStatus().getMessage());
    }
    Throwable first = e;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    return words(first.getMessage());
  }

  /// The pod may not be made.
  static PodTrouble forbidden(String said) {
    return said.contains("exceeded quota")
        ? new PodTrouble(
            "The quota of the sandboxes' namespace is used up; try again later, or let the operator"
                + " raise it: "
                + said,
            true,
            "quota")
        : new PodTrouble(
            "The cluster does not let the sandbox service make a pod; the operator has to allow it: "
                + said,
            true,
            "forbidden");
  }

  /// There cannot be such a pod.
  static PodTrouble invalid(String said) {
    return new PodTrouble(
        "The cluster refuses the pod as it is configured; the operator has to change it: " + said,
        true,
        "invalid");
  }

  private static PodTrouble ended(PodStatus status) {
    String reason = Optional.ofNullable(status.getReason()).orElse("");
    switch (reason) {
      case "Evicted":
        return new PodTrouble(
            "its node ended it for what it used: " + words(status.getMessage()), false, "evicted");
      case "DeadlineExceeded":
        return new PodTrouble("it reached the longest time a sandbox may live", false, "deadline");
      default:
        break;
    }
    Optional<ContainerStateTerminated> end =
        containers(status)
            .map(ContainerStatus::getState)
            .flatMap(state -> Stream.ofNullable(state == null ? null : state.getTerminated()))
            .findFirst();
    if (end.isPresent() && "OOMKilled".equals(end.get().getReason())) {
      return new PodTrouble("it used more memory than a sandbox may", false, "memory");
    }
    String said =
        Stream.of(reason, words(status.getMessage()))
            .filter(part -> !part.isEmpty())
            .findFirst()
            .or(() -> end.map(state -> "exit code " + state.getExitCode()))
            .orElse("no reason was given");
    return new PodTrouble("its pod ended: " + said, false, "ended");
  }

  private static Stream<PodTrouble> waiting(ContainerStatus container) {
    return wait(container)
        .flatMap(waiting -> {
          String reason = Optional.ofNullable(waiting.getReason()).orElse("");
          if (IMAGE_REASONS.contains(reason)) {
            return Stream.of(image(waiting));
          }
          return CONTAINER_REASONS.contains(reason)
              ? Stream.of(
                  new PodTrouble(
                      "The container of the sandbox cannot be started; the operator has to"
                          + " change its configuration or image: "
                          + words(waiting.getMessage()),
                      true,
                      "container"))
              : Stream.empty();
        });
  }

  private static PodTrouble image(ContainerStateWaiting waiting) {
    return new PodTrouble(
        "The image of the sandbox cannot be pulled; the operator has to name another one or let the"
            + " cluster pull it: "
            + words(waiting.getMessage()),
        true,
        "image");
  }

  private static Stream<ContainerStateWaiting> wait(ContainerStatus container) {
    ContainerState state = container.getState();
    return Stream.ofNullable(state == null ? null : state.getWaiting());
  }

  private static Stream<ContainerStatus> containers(PodStatus status) {
    List<ContainerStatus> containers = status.getContainerStatuses();
    return containers == null ? Stream.empty() : containers.stream();
  }

  /// One line of at most [#WORDS_MAX] characters.
  static String words(@Nullable String text) {
    String line = text == null ? "" : text.replaceAll("\\s+", " ").strip();
    return line.length() <= WORDS_MAX ? line : line.substring(0, WORDS_MAX) + "…";
  }

  @Override
  public String toString() {
    return cause.toUpperCase(Locale.ROOT) + ": " + sentence;
  }
}
