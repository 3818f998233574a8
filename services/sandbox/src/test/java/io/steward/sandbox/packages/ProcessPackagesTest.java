package io.steward.sandbox.packages;

import io.steward.sandbox.driver.ProcessDriver;
import io.steward.sandbox.driver.SandboxDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class ProcessPackagesTest extends PackagesInSandboxContract {
  @Override
  SandboxDriver driver(Path root) {
    return new ProcessDriver(root, LIMITS, parent);
  }

  @Override
  Workbench workbench(OperatorSettings settings) {
    return new ProcessWorkbench(settings, parent);
  }

  @Override
  OperatorSettings aptSettings(Path directory) throws IOException {
    Path file = directory.resolve("apt.conf");
    Files.writeString(file, "Dir::Etc \"" + directory + "\";\n");
    return OperatorSettings.of(
        List.of("APT_CONFIG"), List.of(), Map.of("APT_CONFIG", file.toString()));
  }
}
