package io.steward.sandbox.call;

import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.ProcessDriver;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SandboxLimits;
import java.nio.file.Path;
import java.util.List;

class ProcessSandboxLossTest extends SandboxLossContract {
  @Override
  SandboxDriver driver(Path directory, SandboxLimits limits, ParentThread thread) {
    return new ProcessDriver(directory, limits, thread);
  }

  @Override
  List<Path> groups() {
    return List.of();
  }
}
