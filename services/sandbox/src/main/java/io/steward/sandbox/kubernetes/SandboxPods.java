package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
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

  /// How often removing a pod is tried while its node says something new of it.
  private static final int REMOVALS_MAX = 5;

  /// Pods that are removed in one round.
  private static final int REMOVED_MAX = 100;

  private final KubernetesClient client;
  private final PodSpecs specs;
  private final Identity identity;
  private final Instances instances;
  private final PodCounts counts;
  private final InstantSource clock;
  private final Provisioner provisioner;
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
    this.specs = new PodSpecs(settings, program);
    this.identity = identity;
    this.instances = instances;
    this.counts = counts;
    this.clock = clock;
    this.provisioner = provisioner(settings, poolSize);
    this.since = clock.instant();
  }

  private Provisioner provisioner(PodSettings settings, PoolSize size) {
    String instance = identity.instance();
    return switch (settings.provisioning()) {
      case PODS ->
          new PlainPods(
              client,
              settings,
              specs,
              instance,
              new WarmPool(client, settings, specs, size, new PodRemoval(client), instance, clock));
      case AGENT_SANDBOX -> {
        AgentApi api = new AgentApi(client, settings.namespace());
        AgentObjects objects = new AgentObjects(settings, specs, instance);
        yield new AgentSandboxes(
            api, settings, objects, new AgentPool(api, objects, size, instance, clock), clock);
      }
    };
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
      return switch (provisioner.start(use)) {
        case Provisioner.Start.Ready(Provisioner.Given given, boolean warm) -> {
          got = true;
          counts.started(warm, Duration.ofNanos(System.nanoTime() - start));
          yield new Obtained.Got(pod(given, use.incarnation()));
        }
        case Provisioner.Start.Refused(PodTrouble trouble) -> {
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

  /// The pod of a sandbox that this or another instance made before; from now on it is this one's.
  ///
  /// @return empty when it is gone or ended, or changes hands now
  /// @throws IOException when that cannot be told now
  Optional<SandboxPod> find(String incarnation) throws IOException {
    known.add(incarnation);
    boolean found = false;
    try {
      Optional<Provisioner.Given> given = provisioner.find(incarnation);
      if (given.isPresent() && !given.get().held().isOf(identity.instance())) {
        given = provisioner.takeOver(given.get());
      }
      found = given.isPresent();
      return given.map(current -> pod(current, incarnation));
    } catch (KubernetesClientException e) {
      throw new IOException("the cluster does not say where a sandbox is", e);
    } finally {
      if (!found) {
        known.remove(incarnation);
      }
    }
  }

  private SandboxPod pod(Provisioner.Given given, String incarnation) {
    return new SandboxPod(
        client,
        given.pod(),
        incarnation,
        () -> {
          removeOwn(given.held());
          letGo(incarnation);
        });
  }

  /// Forgets that a pod is in use. If nobody takes it over, it is removed as an orphan.
  void letGo(String incarnation) {
    known.remove(incarnation);
  }

  /// Removes a pod unless another instance took it over meanwhile. What fails is left to the
  /// rounds.
  private void removeOwn(Held held) {
    try {
      for (int attempt = 0; attempt < REMOVALS_MAX; attempt++) {
        Held now = provisioner.again(held).orElse(null);
        if (now == null || !now.isSameAs(held) || !now.isOf(identity.instance())) {
          return;
        }
        if (provisioner.removeUnchanged(now)) {
          return;
        }
      }
    } catch (KubernetesClientException e) {
      LOG.warnf(
          "a pod could not be removed and is left to the next rounds pod=%s: %s",
          held.name(), e.getMessage());
    }
  }

  /// One round: removes pods nobody needs and fills the pool.
  ///
  /// @throws KubernetesClientException when the API server does not answer
  void round() {
    List<Held> all = provisioner.list();
    removeUnneeded(all);
    Provisioner.Fill fill = provisioner.refill(all);
    counts.pool(fill.waiting(), fill.wanted());
  }

  private void removeUnneeded(List<Held> all) {
    Instant now = clock.instant();
    PodReconciliation.View view =
        new PodReconciliation.View(
            identity.instance(), since, known, alive(now), specs.shape(), identity.grace());
    PodReconciliation.judge(all, view, now).entrySet().stream()
        .limit(REMOVED_MAX)
        .forEach(verdict -> remove(verdict.getKey(), verdict.getValue()));
  }

  private void remove(Held held, PodReconciliation.Cause cause) {
    if (provisioner.removeUnchanged(held)) {
      counts.removed(cause);
      LOG.infof(
          "removed what nobody needs kind=%s pod=%s cause=%s instance=%s session_id=%s",
          held.object().getKind(),
          held.name(),
          cause,
          PodLabels.value(held.object(), PodLabels.INSTANCE).orElse("-"),
          PodLabels.value(held.object(), PodLabels.SESSION).orElse("-"));
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
