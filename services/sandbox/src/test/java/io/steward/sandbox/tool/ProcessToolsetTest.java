package io.steward.sandbox.tool;

import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.ProcessDriver;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.schemas.id.SessionId;
import java.nio.file.Path;

class ProcessToolsetTest extends ToolsetContract {
  @Override
  SandboxDriver driver(Path root, SandboxLimits limits, ParentThread parent) {
    return new ProcessDriver(root, limits, parent);
  }

  @Override
  String workspace(Path root, SessionId session) {
    return root.resolve(session.value()).resolve("workspace").toString();
  }
}
