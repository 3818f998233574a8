package io.steward.sandbox.driver;

import java.nio.file.Path;

class ProcessDriverTest extends SandboxDriverContract {
  @Override
  SandboxDriver driver(Path root, SandboxLimits limits, ParentThread parent) {
    return new ProcessDriver(root, limits, parent);
  }
}
