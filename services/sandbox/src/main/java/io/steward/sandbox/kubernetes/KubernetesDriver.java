package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.steward.sandbox.driver.InstalledPackages;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.driver.SessionDirectory;
import io.steward.sandbox.driver.remote.RemoteMirror;
import io.steward.sandbox.driver.remote.RemoteShim;
import io.steward.sandbox.egress.WayOut;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// A pod per session. Its main process is the shim, so what runs in it outlives this service and
/// can be reattached; the session's directory here is a mirror of what is in the pod.
///
/// A thread of its own removes pods nobody needs and fills the pool, until the driver is closed.
/// Closing leaves all pods as they are.
public final class KubernetesDriver implements SandboxDriver, AutoCloseable {
  public static final String NAME = "kubernetes";

  private static final Logger LOG = Logger.getLogger(KubernetesDriver.class);

  private final KubernetesClient client;
  private final PodSettings.Provisioning provisioning;
  private final SandboxPods pods;
  private final Mirrored mirrored;
  private final Semaphore wanted = new Semaphore(0);
  private volatile boolean closed;

  /// What is kept of a session on this machine.
  ///
  /// @param root directory with a directory per session
  public record Mirrored(Path root, SandboxLimits limits, RemoteMirror.Limits mirror) {}

  /// What pods are like and who makes them.
  ///
  /// @param instance this instance of the service, as others know it
  /// @param silence how long another may be silent before its calls are answered as lost
  /// @param grace how old a pod is before anybody but its user removes it
  public record Setup(
      PodSettings pods, PoolSize pool, String instance, Duration silence, Duration grace) {}

  /// @param client closed with the driver
  public KubernetesDriver(
      KubernetesClient client,
      Setup setup,
      Mirrored mirrored,
      Instances instances,
      PodCounts counts,
      InstantSource clock) {
    this.client = client;
    this.provisioning = setup.pods().provisioning();
    this.mirrored = mirrored;
    this.pods =
        new SandboxPods(
            client,
            setup.pods(),
            new PodProgram(
                RemoteShim.bootCommand(),
                RemoteShim.environment(RemoteShim.Places.USUAL, mirrored.limits(), true)),
            setup.pool(),
            new SandboxPods.Identity(setup.instance(), setup.silence(), setup.grace()),
            instances,
            counts,
            clock);
  }

  /// Checks that the cluster has who should make pods. A cluster that does not answer now is taken
  /// to have: sessions hear when it has not.
  ///
  /// @throws IllegalStateException when it has not, with what to install
  public void requireProvisioner() {
    if (provisioning == PodSettings.Provisioning.PODS) {
      return;
    }
    try {
      AgentApi.missing(client)
          .ifPresent(sentence -> {
            throw new IllegalStateException(sentence);
          });
    } catch (KubernetesClientException e) {
      LOG.warnf("not known whether the cluster has agent-sandbox: %s", e.getMessage());
    }
  }

  /// Begins to look after pods.
  ///
  /// @param pause between two looks; a pod that was taken from the pool is made again at once
  public void start(Duration pause) {
    var _ = Thread.ofVirtual().name("pods").start(() -> look(pause));
  }

  private void look(Duration pause) {
    while (!closed) {
      try {
        pods.round();
      } catch (KubernetesClientException e) {
        LOG.warnf(
            "pods could not be looked after, will be tried again: %s", PodTrouble.of(e).sentence());
      } catch (RuntimeException e) {
        LOG.warn("pods could not be looked after, will be tried again", e);
      }
      try {
        boolean _ = wanted.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
        wanted.drainPermits();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean isLasting() {
    return true;
  }

  @Override
  public Opening open(
      SessionId session, Optional<InstalledPackages> packages, Optional<WayOut> wayOut)
      throws IOException {
    SandboxPods.Obtained obtained = pods.obtain(session);
    wanted.release(); // One more is in use, so perhaps one more should wait.
    return switch (obtained) {
      case SandboxPods.Obtained.Refused(String reason) -> new Opening.Refused(reason);
      case SandboxPods.Obtained.Got(SandboxPod pod) -> RemoteShim.open(place(session, pod), wayOut);
    };
  }

  @Override
  public Optional<Opening.Opened> reattach(SessionId session, String incarnation)
      throws IOException {
    Optional<SandboxPod> pod = pods.find(incarnation);
    Optional<Opening.Opened> taken = Optional.empty();
    try {
      if (pod.isPresent()) {
        taken = RemoteShim.reattach(place(session, pod.get()));
      }
      return taken;
    } finally {
      if (taken.isEmpty()) {
        pods.letGo(incarnation);
      }
    }
  }

  private RemoteShim.Place place(SessionId session, SandboxPod pod) {
    return new RemoteShim.Place(
        pod.incarnation(),
        pod,
        RemoteShim.Places.USUAL,
        SessionDirectory.of(mirrored.root(), session),
        mirrored.limits(),
        mirrored.mirror(),
        pod::close);
  }

  @Override
  public void close() {
    closed = true;
    wanted.release();
    client.close();
  }
}
