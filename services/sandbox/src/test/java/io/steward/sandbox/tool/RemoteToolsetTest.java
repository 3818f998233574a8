package io.steward.sandbox.tool;

import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.RemoteDriver;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.schemas.id.SessionId;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

class RemoteToolsetTest extends ToolsetContract {
  private @Nullable RemoteDriver driver;

  @Override
  SandboxDriver driver(Path root, SandboxLimits limits, ParentThread parent) {
    RemoteDriver made = new RemoteDriver(root.resolve("here"), root.resolve("elsewhere"), limits);
    driver = made;
    return made;
  }

  @Override
  String workspace(Path root, SessionId session) {
    RemoteDriver made = driver;
    if (made == null) {
      throw new IllegalStateException("no driver was made");
    }
    return made.places(made.incarnation(session)).workspace().toString();
  }
}
