package io.steward.sandbox.call;

import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.ProcessDriver;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SandboxLimits;
import java.nio.file.Path;

class ProcessSessionFilesTest extends SessionFilesContract {
  @Override
  SandboxDriver driver(Path directory, SandboxLimits limits, ParentThread thread) {
    return new ProcessDriver(directory, limits, thread);
  }

  @Override
  String inside(String path) {
    return root.resolve("sandboxes/" + session + "/" + path).toString();
  }
}
