package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the controller of agent-sandbox says of a claim. Pure.
///
/// @param answered whether it said anything
/// @param sandbox name of the sandbox that was given, and of its pod
/// @param ended whether the pod ended
/// @param trouble why there will be no pod
/// @param words the last it said, for people; may be empty
record ClaimStatus(
    boolean answered,
    Optional<String> sandbox,
    boolean ended,
    Optional<PodTrouble> trouble,
    String words) {
  /// The controller looks at a claim again after a minute when it lacks one of these: too late.
  private static final Set<String> REASONS_OF_ABSENCE =
      Set.of("WarmPoolNotFound", "TemplateNotFound");

  private static final Set<String> REASONS_OF_REFUSAL =
      Set.of("InvalidMetadata", "EnvVarsInjectionRejected", "VolumeClaimTemplatesError");

  /// It tries again what failed so; only what failed says whether that is of use.
  private static final String REASON_OF_FAILURE = "ReconcilerError";

  static ClaimStatus of(GenericKubernetesResource claim) {
    List<Map<String, Object>> conditions = claim.get("status", "conditions");
    Map<String, Object> ready = condition(conditions, "Ready");
    boolean ended = "True".equals(condition(conditions, "Finished").get("status"));
    String sandbox = claim.get("status", "sandbox", "name");
    return new ClaimStatus(
        conditions != null && !conditions.isEmpty(),
        Optional.ofNullable(sandbox).filter(name -> !name.isEmpty()),
        ended,
        "False".equals(ready.get("status"))
            ? trouble(text(ready, "reason"), PodTrouble.words(text(ready, "message")))
            : Optional.empty(),
        PodTrouble.words((text(ready, "reason") + ": " + text(ready, "message"))));
  }

  private static Map<String, Object> condition(
      @Nullable List<Map<String, Object>> conditions, String type) {
    return conditions == null
        ? Map.of()
        : conditions.stream()
            .filter(condition -> type.equals(condition.get("type")))
            .findFirst()
            .orElse(Map.of());
  }

  private static String text(Map<String, Object> condition, String key) {
    return condition.get(key) instanceof String text ? text : "";
  }

  private static Optional<PodTrouble> trouble(String reason, String message) {
    if (REASONS_OF_ABSENCE.contains(reason)) {
      return Optional.of(
          new PodTrouble(
              "The template of the sandboxes was not there and is made again.", false, "missing"));
    }
    if (REASONS_OF_REFUSAL.contains(reason)) {
      return Optional.of(PodTrouble.invalid(message));
    }
    if (!REASON_OF_FAILURE.equals(reason)) {
      return Optional.empty();
    }
    if (message.contains("forbidden")) {
      return Optional.of(PodTrouble.forbidden(message));
    }
    return message.contains("is invalid")
        ? Optional.of(PodTrouble.invalid(message))
        : Optional.empty();
  }

  /// Whether waiting for the sandbox's name is over.
  boolean isDecided() {
    return sandbox.isPresent() || trouble.isPresent();
  }

  /// Why there was no pod when the time was over.
  PodTrouble late(String longest) {
    return answered
        ? new PodTrouble(
            "The pod of the sandbox was not ready within "
                + longest
                + "; agent-sandbox says: "
                + words,
            false,
            "late")
        : new PodTrouble(
            "Nobody answered the claim of a sandbox within "
                + longest
                + "; the operator has to see that the controller of agent-sandbox runs with its"
                + " extensions.",
            true,
            "controller");
  }
}
