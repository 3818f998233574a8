package io.steward.sandbox;

import io.steward.sandbox.driver.BubblewrapDriver;
import io.steward.sandbox.driver.ControlGroups;
import io.steward.sandbox.driver.Launch;
import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.ProcessDriver;
import io.steward.sandbox.kubernetes.KubernetesDriver;
import io.steward.sandbox.packages.BubblewrapWorkbench;
import io.steward.sandbox.packages.EnvironmentPackages;
import io.steward.sandbox.packages.NoPackages;
import io.steward.sandbox.packages.OperatorSettings;
import io.steward.sandbox.packages.PackageCache;
import io.steward.sandbox.packages.PackageLimits;
import io.steward.sandbox.packages.ProcessWorkbench;
import io.steward.sandbox.packages.Workbench;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Chooses how packages of environments are installed: as isolated as the sandboxes that see them.
final class PackageChoice {
  private final SandboxSettings settings;
  private final ParentThread parent;
  private final InstantSource clock;
  private final Map<String, String> variables;

  /// @param variables the environment of this service
  PackageChoice(
      SandboxSettings settings,
      ParentThread parent,
      InstantSource clock,
      Map<String, String> variables) {
    this.settings = settings;
    this.parent = parent;
    this.clock = clock;
    this.variables = variables;
  }

  /// @param driver name of the driver whose sandboxes see the packages
  EnvironmentPackages packages(String driver) throws IOException {
    if (driver.equals(KubernetesDriver.NAME)) {
      return new NoPackages();
    }
    SandboxSettings.PackageSettings wanted = settings.packages();
    OperatorSettings operator =
        OperatorSettings.of(
            wanted.environment().orElse(List.of()), wanted.files().orElse(List.of()), variables);
    Optional<Workbench> workbench =
        switch (driver) {
          case BubblewrapDriver.NAME ->
              Optional.of(
                  new BubblewrapWorkbench(
                      DriverChoice.limits(settings),
                      ControlGroups.detect(),
                      parent,
                      operator,
                      Launch.systemView()));
          case ProcessDriver.NAME -> Optional.of(new ProcessWorkbench(operator, parent));
          default -> Optional.empty();
        };
    if (workbench.isEmpty()) {
      return EnvironmentPackages.NOTHING;
    }
    PackageLimits limits =
        new PackageLimits(
            wanted.timeout(),
            wanted.bytesMax(),
            wanted.buildsMax(),
            wanted.cacheBytesMax(),
            wanted.cacheEntriesMax(),
            wanted.failureKept());
    return new PackageCache(wanted.dir(), workbench.get(), operator, limits, clock);
  }
}
