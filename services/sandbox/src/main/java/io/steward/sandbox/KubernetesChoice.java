package io.steward.sandbox;

import io.fabric8.kubernetes.api.model.Quantity;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.driver.remote.RemoteMirror;
import io.steward.sandbox.kubernetes.ClusterClient;
import io.steward.sandbox.kubernetes.Instances;
import io.steward.sandbox.kubernetes.KubernetesDriver;
import io.steward.sandbox.kubernetes.PodCounts;
import io.steward.sandbox.kubernetes.PodSettings;
import io.steward.sandbox.kubernetes.PoolSize;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Makes the driver for pods of what the operator says of them, and ends it.
final class KubernetesChoice implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(KubernetesChoice.class);

  /// How long bringing files into a pod or out of it may take.
  private static final Duration MIRROR_MAX = Duration.ofMinutes(2);

  private final SandboxSettings settings;
  private final String instance;
  private final Instances instances;
  private final PodCounts counts;
  private final InstantSource clock;
  private @Nullable KubernetesDriver driver;

  /// @param instance this instance of the service
  KubernetesChoice(
      SandboxSettings settings,
      String instance,
      Instances instances,
      PodCounts counts,
      InstantSource clock) {
    this.settings = settings;
    this.instance = instance;
    this.instances = instances;
    this.counts = counts;
    this.clock = clock;
  }

  /// @throws IllegalArgumentException when a setting makes no sense, with its key and value
  /// @throws IllegalStateException when the cluster lacks what a setting asks for
  SandboxDriver driver(SandboxLimits limits) {
    KubernetesSettings wanted = settings.kubernetes();
    KubernetesDriver.Setup setup =
        new KubernetesDriver.Setup(
            pods(), pool(), instance, settings.instanceSilence(), wanted.orphanGrace());
    KubernetesDriver made =
        new KubernetesDriver(
            ClusterClient.connect(),
            setup,
            new KubernetesDriver.Mirrored(
                settings.dir(),
                limits,
                new RemoteMirror.Limits(
                    settings.workspaceBytesMax(), settings.workspaceFilesMax(), MIRROR_MAX)),
            instances,
            counts,
            clock);
    driver = made;
    made.requireProvisioner();
    made.start(wanted.round());
    LOG.infof(
        "sandboxes are pods of the image %s in the namespace %s, made by %s",
        setup.pods().image(), setup.pods().namespace(), wanted.provisioner());
    return made;
  }

  private PodSettings pods() {
    KubernetesSettings wanted = settings.kubernetes();
    return new PodSettings(
        wanted.namespace(),
        wanted.installation(),
        wanted.image().orElse(""),
        wanted.imagePullSecrets().orElse(List.of()),
        wanted.runtimeClass(),
        PodSettings.nodeSelector(wanted.nodeSelector().orElse(List.of())),
        PodSettings.tolerations(wanted.tolerations().orElse(List.of())),
        new PodSettings.Resources(
            quantity("cpu-request", wanted.cpuRequest()),
            quantity("cpu-limit", wanted.cpuLimit()),
            quantity("memory-request", wanted.memoryRequest()),
            bytes(settings.memoryBytesMax()),
            quantity("ephemeral-storage-request", wanted.ephemeralStorageRequest()),
            quantity("ephemeral-storage-limit", wanted.ephemeralStorageLimit()),
            bytes(settings.workspaceBytesMax()),
            bytes(settings.tmpBytesMax())),
        new PodSettings.Lifetimes(wanted.activeDeadline(), wanted.startTimeout()),
        PodSettings.Provisioning.of(wanted.provisioner()));
  }

  private PoolSize pool() {
    KubernetesSettings.PoolSettings wanted = settings.kubernetes().pool();
    return new PoolSize(wanted.sizeMin(), wanted.sizeMax(), wanted.recent(), wanted.ageMax());
  }

  private static Quantity bytes(long bytes) {
    return new Quantity(Long.toString(bytes));
  }

  private static Quantity quantity(String key, String text) {
    try {
      Quantity quantity = Quantity.parse(text);
      if (quantity.getNumericalAmount().signum() > 0) {
        return quantity;
      }
    } catch (IllegalArgumentException e) {
      // Told below, with its key.
    }
    throw new IllegalArgumentException(
        "sandbox.kubernetes."
            + key
            + " must be a quantity above 0 such as 500m or 2Gi, got "
            + text);
  }

  @Override
  public void close() {
    KubernetesDriver made = driver;
    if (made != null) {
      made.close();
    }
  }
}
