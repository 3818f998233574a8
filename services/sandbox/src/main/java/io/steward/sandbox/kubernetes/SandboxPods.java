package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The pods of this instance: gives one to a session, finds one again after a restart, and removes
/// those nobody needs. [#round] is for one thread, the rest is safe from any.
final class SandboxPods {
  private static final Logger LOG = Logger.getLogger(SandboxPods.class);
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int NAME_BYTES = 10;

  /// Pods in one answer of the API server.
  private static final long PAGE_MAX = 200;

  /// Pods of an installation that a round looks at; the rest waits for the next rounds.
  private static final int LOOKED_AT_MAX = 20_000;

  /// How often removing a pod is tried while its node says something new of it.
  private static final int REMOVALS_MAX = 5;

  /// Pods that are removed in one round.
  private static final int REMOVED_MAX = 100;

  private final KubernetesClient client;
  private final PodSettings settings;
  private final PodSpecs specs;
  private final Identity identity;
  private final Instances instances;
  private final PodCounts counts;
  private final InstantSource clock;
  private final PodRemoval removal;
  private final PodStarts starts;
  private final WarmPool pool;
  private final Instant since;
  private final Set<String> known = ConcurrentHashMap.newKeySet();
  private @Nullable Instant heardSince;

  /// @param instance this one, as others know it
  /// @param silence how long another may be silent before its calls are answered as lost
  /// @param grace how old a pod is, or how long an instance was silent beyond that, before anybody
  ///   but its user removes it
  record Identity(String instance, Duration silence, Duration grace) {}

  SandboxPods(
      KubernetesClient client,
      PodSettings settings,
      PodProgram program,
      PoolSize poolSize,
      Identity identity,
      Instances instances,
      PodCounts counts,
      InstantSource clock) {
    this.client = client;
    this.settings = settings;
    this.specs = new PodSpecs(settings, program);
    this.identity = identity;
    this.instances = instances;
    this.counts = counts;
    this.clock = clock;
    this.removal = new PodRemoval(client);
    this.starts = new PodStarts(client, removal, settings.lifetimes().start());
    this.pool =
        new WarmPool(client, settings, specs, poolSize, removal, identity.instance(), clock);
    this.since = clock.instant();
  }

  static String freshName() {
    byte[] bytes = new byte[NAME_BYTES];
    RANDOM.nextBytes(bytes);
    return "sandbox-" + HexFormat.of().formatHex(bytes);
  }

  /// What came of asking for a pod.
  sealed interface Obtained {
    /// The caller closes it.
    record Got(SandboxPod pod) implements Obtained {}

    /// The reason is meant for the model.
    record Refused(String reason) implements Obtained {}
  }

  /// A pod that takes commands: one that waited, or a new one.
  ///
  /// @throws IOException when there is none now; a later try may succeed
  Obtained obtain(SessionId session) throws IOException {
    long start = System.nanoTime();
    PodLabels.Use use = new PodLabels.Use(identity.instance(), session.value(), Ids.random("sbx_"));
    known.add(use.incarnation()); // Before there is a pod, so that no round takes it for an orphan.
    boolean got = false;
    try {
      Optional<Pod> warm = claim(use);
      PodStarts.Start started =
          warm.isPresent()
              ? new PodStarts.Start.Ready(warm.get())
              : starts.start(specs.forSession(freshName(), use));
      return switch (started) {
        case PodStarts.Start.Ready(Pod pod) -> {
          got = true;
          counts.started(warm.isPresent(), Duration.ofNanos(System.nanoTime() - start));
          yield new Obtained.Got(pod(pod, use.incarnation()));
        }
        case PodStarts.Start.Refused(PodTrouble trouble) -> {
          LOG.warnf("no pod for a session session_id=%s: %s", session, trouble);
          counts.refused(trouble.cause());
          yield new Obtained.Refused(trouble.sentence());
        }
      };
    } finally {
      if (!got) {
        known.remove(use.incarnation());
      }
    }
  }

  private Optional<Pod> claim(PodLabels.Use use) {
    try {
      return pool.claim(use);
    } catch (KubernetesClientException e) {
      LOG.warnf("no pod could be taken from the pool, one is made: %s", e.getMessage());
      return Optional.empty();
    }
  }

  /// The pod of a sandbox that this or another instance made before; from now on it is this one's.
  ///
  /// @return empty when it is gone or ended, or changes hands now
  /// @throws IOException when that cannot be told now
  Optional<SandboxPod> find(String incarnation) throws IOException {
    known.add(incarnation);
    boolean found = false;
    try {
      Optional<Pod> pod =
          ours().withLabel(PodLabels.INCARNATION, incarnation).list().getItems().stream()
              .filter(candidate -> candidate.getMetadata().getDeletionTimestamp() == null)
              .filter(candidate -> !PodReconciliation.isEnded(candidate))
              .findFirst();
      if (pod.isPresent() && !isOurs(pod.get())) {
        pod = takeOver(pod.get());
      }
      found = pod.isPresent();
      return pod.map(current -> pod(current, incarnation));
    } catch (KubernetesClientException e) {
      throw new IOException("the cluster does not say where a sandbox is", e);
    } finally {
      if (!found) {
        known.remove(incarnation);
      }
    }
  }

  private boolean isOurs(Pod pod) {
    return PodLabels.value(pod, PodLabels.INSTANCE).filter(identity.instance()::equals).isPresent();
  }

  private Optional<Pod> takeOver(Pod pod) {
    return GuardedPatch.apply(
        client.pods().inNamespace(settings.namespace()).withName(pod.getMetadata().getName()),
        pod,
        Map.of("labels", Map.of(PodLabels.INSTANCE, identity.instance())),
        Map.of());
  }

  private SandboxPod pod(Pod pod, String incarnation) {
    return new SandboxPod(
        client,
        pod,
        incarnation,
        () -> {
          removeOwn(pod);
          letGo(incarnation);
        });
  }

  /// Forgets that a pod is in use. If nobody takes it over, it is removed as an orphan.
  void letGo(String incarnation) {
    known.remove(incarnation);
  }

  /// Removes a pod unless another instance took it over meanwhile. What fails is left to the
  /// rounds.
  private void removeOwn(Pod pod) {
    Resource<Pod> resource =
        client.pods().inNamespace(settings.namespace()).withName(pod.getMetadata().getName());
    try {
      for (int attempt = 0; attempt < REMOVALS_MAX; attempt++) {
        Pod now = resource.get();
        boolean gone =
            now == null || !now.getMetadata().getUid().equals(pod.getMetadata().getUid());
        if (gone || !isOurs(now) || removal.removeUnchanged(now)) {
          return;
        }
      }
    } catch (KubernetesClientException e) {
      LOG.warnf(
          "a pod could not be removed and is left to the next rounds pod=%s: %s",
          pod.getMetadata().getName(), e.getMessage());
    }
  }

  private FilterWatchListDeletable<Pod, PodList, PodResource> ours() {
    return client
        .pods()
        .inNamespace(settings.namespace())
        .withLabels(PodLabels.ofInstallation(settings.installation()));
  }

  /// One round: removes pods nobody needs and fills the pool.
  ///
  /// @throws KubernetesClientException when the API server does not answer
  void round() {
    List<Pod> pods = list();
    removeUnneeded(pods);
    WarmPool.Fill fill = pool.refill(pods);
    counts.pool(fill.waiting(), fill.wanted());
  }

  private List<Pod> list() {
    List<Pod> pods = new ArrayList<>();
    String next = null;
    do {
      PodList page =
          ours().list(new ListOptionsBuilder().withLimit(PAGE_MAX).withContinue(next).build());
      pods.addAll(page.getItems());
      next = page.getMetadata().getContinue();
    } while (next != null && !next.isEmpty() && pods.size() < LOOKED_AT_MAX);
    return pods;
  }

  private void removeUnneeded(List<Pod> pods) {
    Instant now = clock.instant();
    PodReconciliation.View view =
        new PodReconciliation.View(
            identity.instance(), since, known, alive(now), specs.shape(), identity.grace());
    PodReconciliation.judge(pods, view, now).entrySet().stream()
        .limit(REMOVED_MAX)
        .forEach(verdict -> remove(verdict.getKey(), verdict.getValue()));
  }

  private void remove(Pod pod, PodReconciliation.Cause cause) {
    if (removal.removeUnchanged(pod)) {
      counts.removed(cause);
      LOG.infof(
          "removed a pod that nobody needs pod=%s cause=%s instance=%s session_id=%s",
          pod.getMetadata().getName(),
          cause,
          PodLabels.value(pod, PodLabels.INSTANCE).orElse("-"),
          PodLabels.value(pod, PodLabels.SESSION).orElse("-"));
    }
  }

  /// Others are judged only while the database answered for as long as they may be silent: after a
  /// time in which it was away, everybody looks silent.
  private Optional<Set<String>> alive(Instant now) {
    Instant before = heardSince;
    heardSince = null; // Unless the database answers.
    Duration longest = identity.silence().plus(identity.grace());
    Set<String> heard;
    try {
      heard = instances.heardWithin(longest);
    } catch (RuntimeException e) {
      LOG.warnf(
          "not known which instances live, so no pod of theirs is removed: %s", e.getMessage());
      return Optional.empty();
    }
    heardSince = before == null ? now : before;
    return heardSince.plus(longest).isBefore(now) ? Optional.of(heard) : Optional.empty();
  }
}
