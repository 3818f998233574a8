package io.steward.sandbox;

import io.steward.sandbox.driver.BubblewrapDriver;
import io.steward.sandbox.driver.ControlGroups;
import io.steward.sandbox.driver.NoneDriver;
import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.ProcessDriver;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.kubernetes.KubernetesDriver;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import org.jboss.logging.Logger;

/// Chooses the driver the configuration asks for. `auto` is bubblewrap where a trial sandbox works,
/// else none: running commands without isolation must be asked for by name.
final class DriverChoice {
  private static final Logger LOG = Logger.getLogger(DriverChoice.class);
  private static final String AUTO = "auto";

  private final SandboxSettings settings;
  private final ParentThread parent;
  private final Function<SandboxLimits, SandboxDriver> kubernetes;

  /// @param kubernetes makes the driver for pods
  DriverChoice(
      SandboxSettings settings,
      ParentThread parent,
      Function<SandboxLimits, SandboxDriver> kubernetes) {
    this.settings = settings;
    this.parent = parent;
    this.kubernetes = kubernetes;
  }

  SandboxDriver driver() {
    SandboxLimits limits = limits(settings);
    return switch (settings.driver()) {
      case AUTO, BubblewrapDriver.NAME -> bubblewrap(limits);
      case ProcessDriver.NAME -> {
        LOG.warn(
            "NO ISOLATION: tools run as ordinary processes of this user and can read, change and"
                + " send away whatever this user can. Use it only if you know why.");
        ProcessDriver driver = new ProcessDriver(settings.dir(), limits, parent);
        driver.endLeftovers();
        yield driver;
      }
      case KubernetesDriver.NAME -> kubernetes.apply(limits);
      case NoneDriver.NAME ->
          new NoneDriver("There is no sandbox: this installation does not run tools.");
      default ->
          throw new IllegalArgumentException(
              "STEWARD_SANDBOX must be auto, bubblewrap, kubernetes, process or none, got "
                  + settings.driver());
    };
  }

  static SandboxLimits limits(SandboxSettings settings) {
    return new SandboxLimits(
        settings.memoryBytesMax(),
        settings.processesMax(),
        settings.workspaceBytesMax(),
        settings.tmpBytesMax(),
        settings.stopGrace());
  }

  private SandboxDriver bubblewrap(SandboxLimits limits) {
    ControlGroups groups = ControlGroups.detect();
    BubblewrapDriver driver =
        new BubblewrapDriver(
            settings.dir(), limits, parent, groups, settings.readOnlyPaths().orElse(List.of()));
    try {
      driver.probe();
    } catch (IOException e) {
      if (!settings.driver().equals(AUTO)) {
        throw new IllegalStateException(
            "STEWARD_SANDBOX=bubblewrap, but a trial sandbox failed: " + e.getMessage(), e);
      }
      LOG.warnf(
          "NO SANDBOX: bubblewrap does not work here (%s). Tools will answer with an error."
              + " Install bubblewrap, or see the README of the sandbox service.",
          e.getMessage());
      return new NoneDriver(
          "There is no sandbox on this machine, so tools cannot run. The operator can install"
              + " bubblewrap.");
    }
    LOG.infof(
        "sandboxes are made by bubblewrap, memory of a sandbox %s",
        groups.limitsMemory()
            ? "is limited by a control group"
            : "is limited per process only, because no control group can be made here");
    return driver;
  }
}
