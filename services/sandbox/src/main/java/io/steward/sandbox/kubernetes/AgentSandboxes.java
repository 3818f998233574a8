package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Pods that `kubernetes-sigs/agent-sandbox` makes. A claim, which is ours, says whose a pod is;
/// the sandbox that was given for it, and the pod, are the controller's and go with the claim.
final class AgentSandboxes implements Provisioner {
  private static final Logger LOG = Logger.getLogger(AgentSandboxes.class);

  /// How often a claim is taken over while its controller says something new of it.
  private static final int TAKE_OVERS_MAX = 5;

  private final AgentApi api;
  private final PodSettings settings;
  private final AgentObjects objects;
  private final AgentPool pool;
  private final InstantSource clock;
  private final PodRemoval removal;
  private final ClaimRemoval claimRemoval;
  private final ClaimStarts starts;
  private final AtomicBoolean drained = new AtomicBoolean();

  AgentSandboxes(
      AgentApi api,
      PodSettings settings,
      AgentObjects objects,
      AgentPool pool,
      InstantSource clock) {
    this.api = api;
    this.settings = settings;
    this.objects = objects;
    this.pool = pool;
    this.clock = clock;
    this.removal = new PodRemoval(api.client());
    this.claimRemoval = new ClaimRemoval(api);
    this.starts = new ClaimStarts(api, claimRemoval, settings.lifetimes().start());
  }

  @Override
  public Start start(PodLabels.Use use) throws IOException {
    try {
      pool.require();
      String name = SandboxPods.freshName();
      Given given = starts.start(objects.claim(name, use, clock.instant()));
      boolean warm = !given.pod().getMetadata().getName().equals(name);
      report(warm);
      return new Start.Ready(given, warm);
    } catch (ClaimStarts.TroubleException e) {
      if (e.trouble().lasting()) {
        return new Start.Refused(e.trouble());
      }
      pool.isGone(); // Or not: then nothing is done.
      throw new IOException(e.trouble().sentence(), e);
    } catch (KubernetesClientException e) {
      PodTrouble trouble = ClaimStarts.trouble(e);
      if (trouble.lasting()) {
        return new Start.Refused(trouble);
      }
      throw new IOException(trouble.sentence(), e);
    }
  }

  /// A sandbox that waited keeps its name; one that is made for a claim has that of the claim.
  private void report(boolean warm) {
    if (warm) {
      drained.set(false);
    } else if (pool.isWanted() && drained.compareAndSet(false, true)) {
      LOG.warnf(
          "no pod waits for a session, so sessions wait for theirs to start pool=%s", pool.name());
    }
  }

  @Override
  public Optional<Given> find(String incarnation) {
    return ours(AgentApi.Kind.CLAIM, Map.of(PodLabels.INCARNATION, incarnation)).stream()
        .map(AgentSandboxes::held)
        .filter(Held::isLiving)
        .flatMap(held -> pod(held).stream().map(pod -> new Given(held, pod)))
        .findFirst();
  }

  /// The very pod that was given, as long as it lives.
  private Optional<Pod> pod(Held held) {
    return ClaimStatus.of((GenericKubernetesResource) held.object())
        .sandbox()
        .map(name -> api.client().pods().inNamespace(api.namespace()).withName(name).get())
        .filter(pod ->
            PodLabels.annotation(held.object(), PodLabels.POD_UID)
                .filter(pod.getMetadata().getUid()::equals)
                .isPresent())
        .filter(pod -> Held.of(pod).isLiving());
  }

  @Override
  public Optional<Given> takeOver(Given given) {
    GenericKubernetesResource claim = (GenericKubernetesResource) given.held().object();
    Optional<String> before = PodLabels.value(claim, PodLabels.INSTANCE);
    for (int attempt = 0; attempt < TAKE_OVERS_MAX; attempt++) {
      Optional<GenericKubernetesResource> taken =
          GuardedPatch.apply(
              api.named(AgentApi.Kind.CLAIM, claim.getMetadata().getName()),
              claim,
              Map.of("labels", Map.of(PodLabels.INSTANCE, objects.instance())),
              Map.of());
      if (taken.isPresent()) {
        return taken.map(now -> new Given(held(now), given.pod()));
      }
      Optional<Held> now = again(given.held()).filter(given.held()::isSameAs);
      if (now.isEmpty()
          || !PodLabels.value(now.get().object(), PodLabels.INSTANCE).equals(before)) {
        return Optional.empty();
      }
      claim = (GenericKubernetesResource) now.get().object();
    }
    return Optional.empty();
  }

  @Override
  public Optional<Held> again(Held held) {
    return Optional.ofNullable(api.named(AgentApi.Kind.CLAIM, held.name()).get())
        .map(AgentSandboxes::held);
  }

  @Override
  public boolean removeUnchanged(Held held) {
    return isClaim(held.object())
        ? claimRemoval.removeUnchanged((GenericKubernetesResource) held.object())
        : removal.removeUnchanged(held.object());
  }

  private List<GenericKubernetesResource> ours(AgentApi.Kind kind, Map<String, String> labels) {
    return Listing.all(
        api.all(kind)
            .withLabels(PodLabels.ofInstallation(settings.installation()))
            .withLabels(labels));
  }

  private static Held held(GenericKubernetesResource claim) {
    return new Held(claim, ClaimStatus.of(claim).ended());
  }

  /// Claims, templates and pools; and pods whose deletion does not come to an end, or that this
  /// service made itself before it was told to use agent-sandbox.
  @Override
  public List<Held> list() {
    Stream<Held> objectsOfOurs =
        Stream.of(AgentApi.Kind.CLAIM, AgentApi.Kind.POOL, AgentApi.Kind.TEMPLATE)
            .flatMap(kind -> ours(kind, Map.of()).stream())
            .filter(object -> object.getMetadata().getDeletionTimestamp() == null)
            .map(AgentSandboxes::held);
    Stream<Held> pods =
        Listing.all(
                api.client()
                    .pods()
                    .inNamespace(api.namespace())
                    .withLabels(PodLabels.ofInstallation(settings.installation())))
            .stream()
            .filter(AgentSandboxes::isOursToRemove)
            .map(Held::of);
    return Stream.concat(objectsOfOurs, pods).toList();
  }

  private static boolean isOursToRemove(Pod pod) {
    return PodLabels.value(pod, PodLabels.ROLE).isPresent()
        || pod.getMetadata().getDeletionTimestamp() != null;
  }

  @Override
  public Fill refill(List<Held> all) {
    return pool.refill(all.stream().map(Held::object).filter(AgentSandboxes::isClaim).toList());
  }

  private static boolean isClaim(HasMetadata object) {
    return AgentApi.Kind.CLAIM.kind().equals(object.getKind());
  }
}
