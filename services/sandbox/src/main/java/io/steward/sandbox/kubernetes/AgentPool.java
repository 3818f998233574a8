package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The template and the pool of a shape, which agent-sandbox makes sandboxes of. One instance at a
/// time, who holds a lease, keeps them as they should be. [#require] and [#isWanted] are safe from
/// any thread, [#refill] is for one.
final class AgentPool {
  private static final Logger LOG = Logger.getLogger(AgentPool.class);

  /// Who our fields of objects belong to.
  private static final String FIELD_OWNER = "steward-sandbox";

  /// On sandboxes that wait.
  private static final String WAITING = "agents.x-k8s.io/warm-pool-sandbox";

  private final AgentApi api;
  private final AgentObjects objects;
  private final PoolSize size;
  private final String instance;
  private final InstantSource clock;
  private final PodRemoval removal;
  private final PoolLease lease;
  private final AtomicBoolean there = new AtomicBoolean();
  private @Nullable Long templateGeneration;

  AgentPool(
      AgentApi api, AgentObjects objects, PoolSize size, String instance, InstantSource clock) {
    this.api = api;
    this.objects = objects;
    this.size = size;
    this.instance = instance;
    this.clock = clock;
    this.removal = new PodRemoval(api.client());
    this.lease = new PoolLease(api.client(), api.namespace(), objects.poolName(), instance, clock);
  }

  String name() {
    return objects.poolName();
  }

  /// Whether sandboxes should wait at all.
  boolean isWanted() {
    return size.max() > 0;
  }

  /// Makes the template and the pool unless they are there: a claim needs them, also when nothing
  /// waits.
  void require() {
    if (!there.get()) {
      if (find(AgentApi.Kind.TEMPLATE).isEmpty()) {
        apply(AgentApi.Kind.TEMPLATE, objects.template());
      }
      if (find(AgentApi.Kind.POOL).isEmpty()) {
        apply(AgentApi.Kind.POOL, objects.pool(size.min()));
      }
      there.set(true);
    }
  }

  /// The controller did not find them.
  void isGone() {
    there.set(false);
  }

  private Optional<GenericKubernetesResource> find(AgentApi.Kind kind) {
    return Optional.ofNullable(api.named(kind, objects.poolName()).get());
  }

  private GenericKubernetesResource apply(AgentApi.Kind kind, GenericKubernetesResource object) {
    return api.all(kind)
        .resource(object)
        .fieldManager(FIELD_OWNER)
        .forceConflicts()
        .serverSideApply();
  }

  /// One round: makes the template and the pool what they should be, and replaces a sandbox that
  /// waited for too long, if this instance holds the lease.
  ///
  /// @param claims all of the installation
  Provisioner.Fill refill(List<? extends HasMetadata> claims) {
    Instant now = clock.instant();
    int wanted = size.wanted(claims, now);
    Optional<GenericKubernetesResource> pool = find(AgentApi.Kind.POOL);
    if (lease.hold()) {
      keepTemplate();
      if (pool.filter(known -> isAsWanted(known, wanted)).isEmpty()) {
        pool = Optional.of(apply(AgentApi.Kind.POOL, objects.pool(wanted)));
      }
      there.set(true);
      replaceOldest(pool.orElseThrow(), now.minus(size.ageMax()));
    }
    return new Provisioner.Fill(pool.map(AgentPool::ready).orElse(0), wanted);
  }

  /// What somebody else changed in the template is changed back. Pods that run stay as they are.
  private void keepTemplate() {
    Optional<GenericKubernetesResource> known = find(AgentApi.Kind.TEMPLATE);
    boolean kept =
        known
            .filter(this::isOurs)
            .map(template -> template.getMetadata().getGeneration())
            .filter(generation -> generation.equals(templateGeneration))
            .isPresent();
    if (!kept) {
      templateGeneration =
          apply(AgentApi.Kind.TEMPLATE, objects.template()).getMetadata().getGeneration();
    }
  }

  private boolean isOurs(GenericKubernetesResource object) {
    return PodLabels.value(object, PodLabels.INSTANCE).filter(instance::equals).isPresent();
  }

  private boolean isAsWanted(GenericKubernetesResource pool, int wanted) {
    return isOurs(pool)
        && pool.<@Nullable Object>get("spec", "replicas") instanceof Number replicas
        && replicas.intValue() == wanted
        && objects.poolName().equals(pool.get("spec", "sandboxTemplateRef", "name"));
  }

  private static int ready(GenericKubernetesResource pool) {
    return pool.<@Nullable Object>get("status", "readyReplicas") instanceof Number ready
        ? ready.intValue()
        : 0;
  }

  /// One in a round, so that the pool is never empty for it. A sandbox that was claimed meanwhile
  /// changed, and stays.
  private void replaceOldest(GenericKubernetesResource pool, Instant border) {
    if (!isWanted()) {
      return;
    }
    Listing.all(api.all(AgentApi.Kind.SANDBOX).withLabel(WAITING)).stream()
        .filter(sandbox -> isOwnedBy(pool, sandbox))
        .filter(sandbox -> sandbox.getMetadata().getDeletionTimestamp() == null)
        .filter(sandbox -> PodReconciliation.lastTaken(sandbox).isBefore(border))
        .min(Comparator.comparing(PodReconciliation::lastTaken))
        .ifPresent(this::replace);
  }

  private static boolean isOwnedBy(HasMetadata owner, HasMetadata object) {
    return object.getMetadata().getOwnerReferences().stream()
        .map(OwnerReference::getUid)
        .anyMatch(owner.getMetadata().getUid()::equals);
  }

  private void replace(GenericKubernetesResource sandbox) {
    if (removal.removeUnchanged(sandbox)) {
      LOG.infof(
          "a sandbox that waited for long is replaced pod=%s", sandbox.getMetadata().getName());
    }
  }
}
