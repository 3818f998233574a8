package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Stands in for the controller of agent-sandbox, which cannot be built here: it does what that one
/// does with claims, pools and sandboxes of one namespace, in its order, with its words, and
/// refuses what it refuses. It looks at everything again after each change of anything.
final class StandInController implements AutoCloseable {
  private static final String CLAIM_UID = "agents.x-k8s.io/claim-uid";
  private static final String WAITING = "agents.x-k8s.io/warm-pool-sandbox";
  private static final String TEMPLATE_HASH = "agents.x-k8s.io/sandbox-template-hash";
  private static final String GIVEN = "agents.x-k8s.io/sandbox-name";
  private static final String ALLOWED_LABELS = "sandbox.users.io/";

  private final AgentApi api;
  private final StandInSandboxes sandboxes;
  private final List<SharedIndexInformer<?>> informers = new ArrayList<>();
  private final Semaphore changed = new Semaphore(1);
  private final Thread thread;
  private volatile boolean closed;

  StandInController(AgentApi api) {
    this.api = api;
    this.sandboxes = new StandInSandboxes(api);
    for (AgentApi.Kind kind : AgentApi.Kind.values()) {
      informers.add(api.all(kind).inform(new Waking<>()));
    }
    informers.add(api.client().pods().inNamespace(api.namespace()).inform(new Waking<>()));
    this.thread = Thread.ofVirtual().name("stand-in controller").start(this::work);
  }

  private final class Waking<T> implements ResourceEventHandler<T> {
    @Override
    public void onAdd(T object) {
      changed.release();
    }

    @Override
    public void onUpdate(T before, T now) {
      changed.release();
    }

    @Override
    public void onDelete(T object, boolean unknown) {
      changed.release();
    }
  }

  private void work() {
    while (!closed) {
      try {
        boolean _ = changed.tryAcquire(1, TimeUnit.SECONDS);
        changed.drainPermits();
        look();
      } catch (KubernetesClientException e) {
        changed.release(); // Somebody else was faster; it looks again, as the real one does.
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void look() {
    living(AgentApi.Kind.CLAIM).forEach(this::claim);
    living(AgentApi.Kind.POOL).forEach(this::pool);
    living(AgentApi.Kind.SANDBOX).forEach(sandboxes::look);
  }

  private Stream<GenericKubernetesResource> living(AgentApi.Kind kind) {
    return api.all(kind).list().getItems().stream()
        .filter(object -> object.getMetadata().getDeletionTimestamp() == null);
  }

  private Optional<GenericKubernetesResource> find(AgentApi.Kind kind, @Nullable String name) {
    return name == null || name.isEmpty()
        ? Optional.empty()
        : Optional.ofNullable(api.named(kind, name).get());
  }

  private Stream<GenericKubernetesResource> sandboxesOf(HasMetadata owner) {
    return living(AgentApi.Kind.SANDBOX)
        .filter(sandbox -> StandInSandboxes.isControlledBy(sandbox, owner));
  }

  private void pool(GenericKubernetesResource pool) {
    GenericKubernetesResource template =
        find(AgentApi.Kind.TEMPLATE, pool.get("spec", "sandboxTemplateRef", "name")).orElse(null);
    List<GenericKubernetesResource> members = new ArrayList<>(sandboxesOf(pool).toList());
    if (template != null && "Recreate".equals(pool.get("spec", "updateStrategy", "type"))) {
      members.removeIf(member -> deleteIfStale(member, template));
    }
    int wanted = ((Number) pool.get("spec", "replicas")).intValue();
    for (int i = members.size(); i < wanted && template != null; i++) {
      Map<String, String> labels = new HashMap<>();
      labels.put(WAITING, StandInSandboxes.hash(pool.getMetadata().getName()));
      labels.put(TEMPLATE_HASH, StandInSandboxes.hash(template.get("spec").toString()));
      sandboxes.create(pool, null, labels, template);
    }
    members.sort(Comparator.comparing(StandInSandboxes::isReady));
    int excess = Math.max(0, members.size() - wanted);
    members
        .subList(0, excess)
        .forEach(member -> api.all(AgentApi.Kind.SANDBOX).resource(member).delete());
    long ready = members.stream().skip(excess).filter(StandInSandboxes::isReady).count();
    StandInSandboxes.status(
        api,
        AgentApi.Kind.POOL,
        pool,
        Map.of("replicas", members.size() - excess, "readyReplicas", (int) ready));
  }

  private boolean deleteIfStale(
      GenericKubernetesResource member, GenericKubernetesResource template) {
    boolean stale =
        PodLabels.value(member, TEMPLATE_HASH)
            .filter(StandInSandboxes.hash(template.get("spec").toString())::equals)
            .isEmpty();
    if (stale) {
      api.all(AgentApi.Kind.SANDBOX).resource(member).delete();
    }
    return stale;
  }

  private void claim(GenericKubernetesResource claim) {
    String shutdown = claim.get("spec", "lifecycle", "shutdownTime");
    if (shutdown != null && Instant.parse(shutdown).isBefore(Instant.now())) {
      api.all(AgentApi.Kind.CLAIM).resource(claim).delete(); // As the policy Delete says.
      return;
    }
    Map<String, String> labels = claim.get("spec", "additionalPodMetadata", "labels");
    if (labels != null
        && labels.keySet().stream().anyMatch(key -> !key.startsWith(ALLOWED_LABELS))) {
      say(claim, "InvalidMetadata", "invalid additionalPodMetadata: not in the allowlist");
      return;
    }
    GenericKubernetesResource sandbox = given(claim).or(() -> adopt(claim)).orElse(null);
    if (sandbox != null) {
      forward(claim, sandbox);
      return;
    }
    String poolName = claim.get("spec", "warmPoolRef", "name");
    GenericKubernetesResource pool = find(AgentApi.Kind.POOL, poolName).orElse(null);
    if (pool == null) {
      say(claim, "WarmPoolNotFound", "SandboxWarmPool \"" + poolName + "\" not found");
      return;
    }
    String templateName = pool.get("spec", "sandboxTemplateRef", "name");
    GenericKubernetesResource template = find(AgentApi.Kind.TEMPLATE, templateName).orElse(null);
    if (template == null) {
      say(claim, "TemplateNotFound", "SandboxTemplate \"" + templateName + "\" not found");
      return;
    }
    forward(
        claim,
        sandboxes.create(
            claim,
            claim.getMetadata().getName(),
            Map.of(CLAIM_UID, claim.getMetadata().getUid()),
            template));
  }

  private Optional<GenericKubernetesResource> given(GenericKubernetesResource claim) {
    return Stream.of(
            Optional.ofNullable(claim.<@Nullable String>get("status", "sandbox", "name")),
            PodLabels.annotation(claim, GIVEN),
            Optional.of(claim.getMetadata().getName()))
        .flatMap(name -> find(AgentApi.Kind.SANDBOX, name.orElse(null)).stream())
        .filter(sandbox -> StandInSandboxes.isControlledBy(sandbox, claim))
        .findFirst();
  }

  /// A ready one before one that is not. Both changes fail when somebody else made one.
  private Optional<GenericKubernetesResource> adopt(GenericKubernetesResource claim) {
    Optional<GenericKubernetesResource> candidate =
        find(AgentApi.Kind.POOL, claim.get("spec", "warmPoolRef", "name")).stream()
            .flatMap(this::sandboxesOf)
            .max(Comparator.comparing(StandInSandboxes::isReady));
    candidate.ifPresent(sandbox -> {
      Optional<GenericKubernetesResource> noted =
          GuardedPatch.apply(
              api.named(AgentApi.Kind.CLAIM, claim.getMetadata().getName()),
              claim,
              Map.of("annotations", Map.of(GIVEN, sandbox.getMetadata().getName())),
              Map.of());
      if (noted.isEmpty()) {
        throw new KubernetesClientException("the claim changed");
      }
      Map<String, String> labels = new HashMap<>(sandbox.getMetadata().getLabels());
      labels.keySet().removeAll(List.of(WAITING, TEMPLATE_HASH));
      labels.put(CLAIM_UID, claim.getMetadata().getUid());
      sandbox.getMetadata().setLabels(labels);
      sandbox.getMetadata().setOwnerReferences(List.of(StandInSandboxes.controller(claim)));
      api.all(AgentApi.Kind.SANDBOX).resource(sandbox).update();
    });
    return candidate;
  }

  private void say(GenericKubernetesResource claim, String reason, String message) {
    StandInSandboxes.status(
        api,
        AgentApi.Kind.CLAIM,
        claim,
        Map.of("conditions", List.of(StandInSandboxes.condition("Ready", false, reason, message))));
  }

  private void forward(GenericKubernetesResource claim, GenericKubernetesResource sandbox) {
    List<Map<String, Object>> conditions = sandbox.get("status", "conditions");
    List<String> addresses = sandbox.get("status", "podIPs");
    Map<String, Object> given = new HashMap<>();
    given.put("name", sandbox.getMetadata().getName());
    given.put("podIPs", addresses == null ? List.of() : addresses);
    StandInSandboxes.status(
        api,
        AgentApi.Kind.CLAIM,
        claim,
        Map.of(
            "sandbox",
            given,
            "conditions",
            conditions == null
                ? List.of(
                    StandInSandboxes.condition(
                        "Ready", false, "SandboxNotReady", "Sandbox is not ready"))
                : conditions));
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    changed.release();
    thread.join();
    informers.forEach(SharedIndexInformer::stop);
  }
}
