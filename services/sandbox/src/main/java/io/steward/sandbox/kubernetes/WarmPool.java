package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/// Pods that wait for sessions. Any instance takes one, by changing its labels on condition that
/// nobody changed it before; one instance at a time, who holds a lease, makes new ones, so there
/// are never more than wanted. [#claim] is safe from any thread, [#refill] is for one.
final class WarmPool {
  private static final Logger LOG = Logger.getLogger(WarmPool.class);

  /// How many pods are tried for one session while other instances take them, too.
  private static final int CLAIMS_MAX = 3;

  /// Pods that are made in one round.
  private static final int CREATIONS_MAX = 5;

  /// After this part of its lease a holder makes no more pods in a round.
  private static final Duration CREATING_MAX = PoolLease.DURATION.dividedBy(4);

  private final KubernetesClient client;
  private final PodSettings settings;
  private final PodSpecs specs;
  private final PoolSize size;
  private final PodRemoval removal;
  private final PoolLease lease;
  private final String instance;
  private final InstantSource clock;
  private final AtomicBoolean drained = new AtomicBoolean();

  WarmPool(
      KubernetesClient client,
      PodSettings settings,
      PodSpecs specs,
      PoolSize size,
      PodRemoval removal,
      String instance,
      InstantSource clock) {
    this.client = client;
    this.settings = settings;
    this.specs = specs;
    this.size = size;
    this.removal = removal;
    this.instance = instance;
    this.clock = clock;
    this.lease =
        new PoolLease(
            client,
            settings.namespace(),
            "steward-pool-" + settings.installation() + "-" + hex(specs.shape()),
            instance,
            clock);
  }

  /// Names of objects have lower-case letters only.
  private static String hex(String shape) {
    return HexFormat.of().formatHex(shape.getBytes(StandardCharsets.US_ASCII));
  }

  /// A ready pod that waited and now is a session's, or empty when none waits.
  Optional<Pod> claim(PodLabels.Use use) {
    if (size.max() == 0) {
      return Optional.empty();
    }
    List<Pod> ready = new ArrayList<>(waiting().stream().filter(Readiness::isPodReady).toList());
    Collections.shuffle(ready); // Instances that claim at once shall not all want the same one.
    for (Pod pod : ready.subList(0, Math.min(CLAIMS_MAX, ready.size()))) {
      Optional<Pod> claimed = claim(pod, use);
      if (claimed.isPresent()) {
        drained.set(false);
        return claimed;
      }
    }
    if (drained.compareAndSet(false, true)) {
      LOG.warnf(
          "no pod waits for a session, so sessions wait for theirs to start wanted_min=%d"
              + " wanted_max=%d",
          size.min(), size.max());
    }
    return Optional.empty();
  }

  private List<Pod> waiting() {
    return client
        .pods()
        .inNamespace(settings.namespace())
        .withLabels(PodLabels.ofInstallation(settings.installation()))
        .withLabel(PodLabels.ROLE, PodLabels.POOL)
        .withLabel(PodLabels.SHAPE, specs.shape())
        .list()
        .getItems()
        .stream()
        .filter(this::isFit)
        .toList();
  }

  private boolean isFit(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() == null && !PodReconciliation.isEnded(pod);
  }

  private Optional<Pod> claim(Pod pod, PodLabels.Use use) {
    return GuardedPatch.apply(
        client.pods().inNamespace(settings.namespace()).withName(pod.getMetadata().getName()),
        pod,
        Map.of(
            "labels", PodLabels.ofSession(settings.installation(), use, specs.shape()),
            "annotations", Map.of(PodLabels.CLAIMED_AT, clock.instant().toString())),
        Map.of());
  }

  /// One round: makes pods that are missing and removes those that are too many, too old or ended,
  /// if this instance holds the lease.
  ///
  /// @param pods all of the installation, as of now or before
  Provisioner.Fill refill(List<Pod> pods) {
    Instant now = clock.instant();
    int wanted = size.wanted(pods, now);
    if (size.max() == 0) {
      return new Provisioner.Fill(0, 0);
    }
    long deadline = System.nanoTime() + CREATING_MAX.toNanos();
    if (!lease.hold()) {
      return new Provisioner.Fill(count(pods), wanted);
    }
    List<Pod> young = new ArrayList<>();
    for (Pod pod : waiting()) {
      if (PodReconciliation.lastTaken(pod).isBefore(now.minus(size.ageMax()))) {
        removal.removeUnchanged(pod);
      } else {
        young.add(pod);
      }
    }
    pods.stream().filter(this::endedWhileWaiting).forEach(removal::removeUnchanged);
    young.sort(Comparator.comparing(PodReconciliation::lastTaken).reversed());
    int excess = Math.max(0, young.size() - wanted);
    young.subList(0, excess).forEach(removal::removeUnchanged);
    int missing = Math.min(CREATIONS_MAX, wanted - young.size());
    for (int i = 0; i < missing && System.nanoTime() < deadline; i++) {
      client.resource(specs.forPool(SandboxPods.freshName(), instance)).create();
    }
    return new Provisioner.Fill(young.size() - excess, wanted);
  }

  private boolean endedWhileWaiting(Pod pod) {
    return PodLabels.isPool(pod)
        && specs.shape().equals(PodLabels.value(pod, PodLabels.SHAPE).orElse(""))
        && PodReconciliation.isEnded(pod);
  }

  private int count(List<Pod> pods) {
    return (int) pods.stream().filter(PodLabels::isPool).filter(this::isFit).count();
  }
}
