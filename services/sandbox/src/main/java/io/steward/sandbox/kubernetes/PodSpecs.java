package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.steward.sandbox.driver.remote.RemoteShim;
import io.steward.schemas.id.Ids;
import java.util.List;
import java.util.Map;

/// Makes the objects of pods. Nothing here asks the cluster anything.
///
/// A pod runs as uid 1000 without a capability, a way to get one, a token or anything of its node;
/// its root is read-only, names are not resolved in it (the egress proxy does that), and what it
/// may use has limits. It is the same for all sessions of a shape, so one that waits can become any
/// session's.
final class PodSpecs {
  static final String CONTAINER = "sandbox";
  private static final long AGENT = 1000;

  /// A container that ignores the order to end gets no longer than this. What matters was saved
  /// before.
  private static final long TERMINATION_GRACE_SECONDS = 1;

  /// A third more than the shim needs, so that this limit is never met before its own.
  private static final Quantity CONTROL_LIMIT =
      new Quantity(Long.toString(RemoteShim.CONTROL_BYTES * 4 / 3));

  private enum Kind {
    KEPT,
    TEMPORARY,
    CONTROL
  }

  private record Place(String name, String path, Kind kind) {}

  private static final List<Place> PLACES =
      List.of(
          new Place("workspace", "/workspace", Kind.KEPT),
          new Place("outputs", "/mnt/session/outputs", Kind.KEPT),
          new Place("uploads", "/mnt/session/uploads", Kind.KEPT),
          new Place("tool-outputs", "/mnt/session/tool-outputs", Kind.KEPT),
          new Place("home", "/home/agent", Kind.KEPT),
          new Place("tmp", "/tmp", Kind.TEMPORARY),
          new Place("control", "/run/steward", Kind.CONTROL));

  private final PodSettings settings;
  private final PodProgram program;
  private final String shape;

  PodSpecs(PodSettings settings, PodProgram program) {
    this.settings = settings;
    this.program = program;
    this.shape = Ids.derived("shape-", Serialization.asYaml(spec()) + maker(settings));
  }

  /// Pods of different makers cannot stand for each other.
  private static String maker(PodSettings settings) {
    return settings.provisioning() == PodSettings.Provisioning.PODS
        ? ""
        : settings.provisioning().name();
  }

  /// Names all that shapes a pod, and who makes it. Fit to be the value of a label.
  String shape() {
    return shape;
  }

  /// A pod that belongs to a session from its beginning.
  Pod forSession(String name, PodLabels.Use use) {
    return pod(name, PodLabels.ofSession(settings.installation(), use, shape));
  }

  /// A pod that waits for a session.
  Pod forPool(String name, String instance) {
    return pod(name, PodLabels.ofPool(settings.installation(), instance, shape));
  }

  private Pod pod(String name, Map<String, String> labels) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(settings.namespace())
        .withLabels(labels)
        .endMetadata()
        .withSpec(spec())
        .build();
  }

  /// All of a pod but its name and labels.
  PodSpec spec() {
    PodSpecBuilder spec =
        new PodSpecBuilder()
            .withRestartPolicy("Never")
            .withActiveDeadlineSeconds(settings.lifetimes().active().toSeconds())
            .withTerminationGracePeriodSeconds(TERMINATION_GRACE_SECONDS)
            .withAutomountServiceAccountToken(false)
            .withEnableServiceLinks(false)
            .withHostNetwork(false)
            .withHostPID(false)
            .withHostIPC(false)
            .withShareProcessNamespace(false)
            .withHostname("sandbox")
            .withNodeSelector(settings.nodeSelector())
            .withTolerations(settings.tolerations())
            .withImagePullSecrets(
                settings.pullSecrets().stream().map(LocalObjectReference::new).toList())
            .withDnsPolicy("None")
            .withNewDnsConfig()
            .withNameservers("127.0.0.1") // At least one is asked for; nobody listens there.
            .endDnsConfig()
            .withNewSecurityContext()
            .withRunAsNonRoot(true)
            .withRunAsUser(AGENT)
            .withRunAsGroup(AGENT)
            .withFsGroup(AGENT)
            .withNewSeccompProfile()
            .withType("RuntimeDefault")
            .endSeccompProfile()
            .endSecurityContext()
            .withVolumes(PLACES.stream().map(this::volume).toList())
            .withContainers(container());
    settings.runtimeClass().ifPresent(spec::withRuntimeClassName);
    return spec.build();
  }

  private Container container() {
    return new ContainerBuilder()
        .withName(CONTAINER)
        .withImage(settings.image())
        .withImagePullPolicy("IfNotPresent")
        .withCommand(program.command().stream().map(PodSpecs::literal).toList())
        .withEnv(
            program.sorted().entrySet().stream()
                .map(entry -> new EnvVar(entry.getKey(), literal(entry.getValue()), null))
                .toList())
        .withWorkingDir("/workspace")
        .withResources(resources())
        .withVolumeMounts(PLACES.stream().map(PodSpecs::mount).toList())
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withPrivileged(false)
        .withReadOnlyRootFilesystem(true)
        .withRunAsNonRoot(true)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .endSecurityContext()
        .build();
  }

  /// Kubernetes replaces `$$` by `$`, and `$(NAME)` by a variable, but not below another `$(`.
  private static String literal(String text) {
    return text.replace("$", "$$");
  }

  private ResourceRequirements resources() {
    PodSettings.Resources wanted = settings.resources();
    return new ResourceRequirementsBuilder()
        .addToRequests("cpu", wanted.cpuRequest())
        .addToRequests("memory", wanted.memoryRequest())
        .addToRequests("ephemeral-storage", wanted.storageRequest())
        .addToLimits("cpu", wanted.cpuLimit())
        .addToLimits("memory", wanted.memoryLimit())
        .addToLimits("ephemeral-storage", wanted.storageLimit())
        .build();
  }

  private Volume volume(Place place) {
    return new VolumeBuilder()
        .withName(place.name())
        .withNewEmptyDir()
        .withMedium(place.kind() == Kind.CONTROL ? "Memory" : "")
        .withSizeLimit(
            switch (place.kind()) {
              case KEPT -> settings.resources().workspaceLimit();
              case TEMPORARY -> settings.resources().temporaryLimit();
              case CONTROL -> CONTROL_LIMIT;
            })
        .endEmptyDir()
        .build();
  }

  private static VolumeMount mount(Place place) {
    return new VolumeMountBuilder().withName(place.name()).withMountPath(place.path()).build();
  }
}
