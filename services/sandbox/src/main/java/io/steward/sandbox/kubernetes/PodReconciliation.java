package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Decides which pods nobody needs any more, or the claims and pools they are held by. Pure. Who is
/// responsible for one:
///
/// - one that a living instance uses, this instance, by its sandbox;
/// - one of a session whose instance does not know it, or was silent for long, whoever sees it;
/// - one that waits, the pool of its shape, or whoever sees it when there is no such pool.
public final class PodReconciliation {
  private PodReconciliation() {}

  /// Why a pod is removed.
  public enum Cause {
    /// Its instance does not know it: left by a crash, or by a removal that failed.
    ORPHAN,
    /// It ended, and its instance does not know it.
    ENDED,
    /// Its instance was not heard of for long.
    SILENT_INSTANCE,
    /// It waited with a shape nobody makes any more.
    OLD_SHAPE,
    /// It was deleted long ago and is still there: its node is away.
    STUCK
  }

  /// What this instance knows.
  ///
  /// @param instance this one
  /// @param since when it started
  /// @param known incarnations it uses or makes now
  /// @param alive instances that live; empty when that cannot be told now
  /// @param shape of the pods it makes
  /// @param grace how old a pod is before anybody but its user touches it
  public record View(
      String instance,
      Instant since,
      Set<String> known,
      Optional<Set<String>> alive,
      String shape,
      Duration grace) {}

  /// Those to remove, in the order they came.
  static Map<Held, Cause> judge(List<Held> all, View view, Instant now) {
    Map<Held, Cause> verdicts = new LinkedHashMap<>();
    for (Held held : all) {
      judge(held, view, now).ifPresent(cause -> verdicts.put(held, cause));
    }
    return verdicts;
  }

  private static Optional<Cause> judge(Held held, View view, Instant now) {
    HasMetadata pod = held.object();
    Instant border = now.minus(view.grace());
    String deleted = pod.getMetadata().getDeletionTimestamp();
    if (deleted != null) {
      return Instant.parse(deleted).isBefore(border) ? Optional.of(Cause.STUCK) : Optional.empty();
    }
    if (lastTaken(pod).isAfter(border)) {
      return Optional.empty();
    }
    boolean own =
        PodLabels.value(pod, PodLabels.INSTANCE).filter(view.instance()::equals).isPresent();
    boolean silent =
        !own
            && view.alive().isPresent()
            && PodLabels.value(pod, PodLabels.INSTANCE)
                .filter(view.alive().get()::contains)
                .isEmpty();
    if (PodLabels.isPool(pod)) {
      boolean current =
          PodLabels.value(pod, PodLabels.SHAPE).filter(view.shape()::equals).isPresent();
      return !current && (own || silent) ? Optional.of(Cause.OLD_SHAPE) : Optional.empty();
    }
    if (silent) {
      return Optional.of(Cause.SILENT_INSTANCE);
    }
    boolean known =
        PodLabels.value(pod, PodLabels.INCARNATION).filter(view.known()::contains).isPresent();
    if (!own || known || view.since().isAfter(border)) {
      return Optional.empty();
    }
    return Optional.of(held.ended() ? Cause.ENDED : Cause.ORPHAN);
  }

  /// When a pod got its present use.
  static Instant lastTaken(HasMetadata pod) {
    return Instant.parse(
        PodLabels.annotation(pod, PodLabels.CLAIMED_AT)
            .orElseGet(() -> pod.getMetadata().getCreationTimestamp()));
  }

  static boolean isEnded(Pod pod) {
    PodStatus status = pod.getStatus();
    return status != null
        && ("Failed".equals(status.getPhase()) || "Succeeded".equals(status.getPhase()));
  }
}
