package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes one instance at a time the one that fills a pool. Times are this machine's own: a lease is
/// free when it did not change for its duration as seen from here. Not for several threads.
final class PoolLease {
  /// How long a holder may be silent before another instance fills the pool.
  static final Duration DURATION = Duration.ofSeconds(20);

  /// Six digits, no more and no less.
  private static final DateTimeFormatter MICROSECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private static final int CONFLICT = 409;

  private final Resource<Lease> lease;
  private final String namespace;
  private final String name;
  private final String instance;
  private final InstantSource clock;
  private @Nullable String seenVersion;
  private long seenAtNanos;

  PoolLease(
      KubernetesClient client,
      String namespace,
      String name,
      String instance,
      InstantSource clock) {
    this.lease = client.leases().inNamespace(namespace).withName(name);
    this.namespace = namespace;
    this.name = name;
    this.instance = instance;
    this.clock = clock;
  }

  /// Takes or renews the lease. A holder may fill the pool for [#DURATION] from before this call.
  ///
  /// @return whether this instance holds it
  boolean hold() {
    try {
      Lease known = lease.get();
      if (known == null) {
        lease.create(fresh());
        return true;
      }
      return (isOurs(known) || isFree(known))
          && GuardedPatch.apply(lease, known, Map.of(), Map.of("spec", spec())).isPresent();
    } catch (KubernetesClientException e) {
      if (e.getCode() == CONFLICT) {
        return false; // Another instance was faster.
      }
      throw e;
    }
  }

  private boolean isOurs(Lease known) {
    return instance.equals(known.getSpec().getHolderIdentity());
  }

  private boolean isFree(Lease known) {
    String version = known.getMetadata().getResourceVersion();
    if (!version.equals(seenVersion)) {
      seenVersion = version;
      seenAtNanos = System.nanoTime();
      return false;
    }
    return System.nanoTime() - seenAtNanos > DURATION.toNanos();
  }

  private Lease fresh() {
    return new LeaseBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(namespace)
        .endMetadata()
        .withNewSpec()
        .withHolderIdentity(instance)
        .endSpec()
        .build();
  }

  /// The time is for who looks at the object; nobody here decides by it.
  private Map<String, Object> spec() {
    return Map.of(
        "holderIdentity", instance,
        "leaseDurationSeconds", DURATION.toSeconds(),
        "renewTime", MICROSECONDS.format(clock.instant()));
  }
}
