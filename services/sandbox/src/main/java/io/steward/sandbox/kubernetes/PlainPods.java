package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.PodResource;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/// Pods that this service makes itself. Each says by its labels whose it is.
final class PlainPods implements Provisioner {
  private static final Logger LOG = Logger.getLogger(PlainPods.class);

  private final KubernetesClient client;
  private final PodSettings settings;
  private final PodSpecs specs;
  private final String instance;
  private final PodRemoval removal;
  private final PodStarts starts;
  private final WarmPool pool;
  private final AtomicBoolean warned = new AtomicBoolean();

  /// @param pool whose pods are handed out first
  PlainPods(
      KubernetesClient client,
      PodSettings settings,
      PodSpecs specs,
      String instance,
      WarmPool pool) {
    this.client = client;
    this.settings = settings;
    this.specs = specs;
    this.instance = instance;
    this.removal = new PodRemoval(client);
    this.starts = new PodStarts(client, removal, settings.lifetimes().start());
    this.pool = pool;
  }

  @Override
  public Start start(PodLabels.Use use) throws IOException {
    Optional<Pod> warm = claim(use);
    if (warm.isPresent()) {
      return new Start.Ready(given(warm.get()), true);
    }
    return switch (starts.start(specs.forSession(SandboxPods.freshName(), use))) {
      case PodStarts.Start.Ready(Pod pod) -> new Start.Ready(given(pod), false);
      case PodStarts.Start.Refused(PodTrouble trouble) -> new Start.Refused(trouble);
    };
  }

  private Optional<Pod> claim(PodLabels.Use use) {
    try {
      return pool.claim(use);
    } catch (KubernetesClientException e) {
      LOG.warnf("no pod could be taken from the pool, one is made: %s", e.getMessage());
      return Optional.empty();
    }
  }

  private static Given given(Pod pod) {
    return new Given(Held.of(pod), pod);
  }

  @Override
  public Optional<Given> find(String incarnation) {
    return ours().withLabel(PodLabels.INCARNATION, incarnation).list().getItems().stream()
        .map(PlainPods::given)
        .filter(given -> given.held().isLiving())
        .findFirst();
  }

  @Override
  public Optional<Given> takeOver(Given given) {
    return GuardedPatch.apply(
            client.pods().inNamespace(settings.namespace()).withName(given.held().name()),
            given.pod(),
            Map.of("labels", Map.of(PodLabels.INSTANCE, instance)),
            Map.of())
        .map(PlainPods::given);
  }

  @Override
  public Optional<Held> again(Held held) {
    return Optional.ofNullable(
            client.pods().inNamespace(settings.namespace()).withName(held.name()).get())
        .map(Held::of);
  }

  @Override
  public boolean removeUnchanged(Held held) {
    return removal.removeUnchanged(held.object());
  }

  private FilterWatchListDeletable<Pod, PodList, PodResource> ours() {
    return client
        .pods()
        .inNamespace(settings.namespace())
        .withLabels(PodLabels.ofInstallation(settings.installation()));
  }

  /// Pods without a role belong to claims: who removes such a one only makes its controller make
  /// another.
  @Override
  public List<Held> list() {
    List<Pod> all = Listing.all(ours());
    List<Held> own =
        all.stream()
            .filter(pod -> PodLabels.value(pod, PodLabels.ROLE).isPresent())
            .map(Held::of)
            .toList();
    if (own.size() < all.size() && warned.compareAndSet(false, true)) {
      LOG.warnf(
          "%d pods were made by agent-sandbox, which sandbox.kubernetes.provisioner does not name"
              + " any more; they stay until their claims and their pool are deleted",
          all.size() - own.size());
    }
    return own;
  }

  @Override
  public Fill refill(List<Held> all) {
    return pool.refill(all.stream().map(held -> (Pod) held.object()).toList());
  }
}
