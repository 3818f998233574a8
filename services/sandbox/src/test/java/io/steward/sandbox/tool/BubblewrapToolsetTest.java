package io.steward.sandbox.tool;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.steward.sandbox.driver.BubblewrapDriver;
import io.steward.sandbox.driver.ControlGroups;
import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.schemas.id.SessionId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;

class BubblewrapToolsetTest extends ToolsetContract {
  @BeforeAll
  static void needsBubblewrap() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/bwrap")), "bwrap is not installed");
  }

  @Override
  SandboxDriver driver(Path root, SandboxLimits limits, ParentThread parent) {
    return new BubblewrapDriver(root, limits, parent, ControlGroups.none(), List.of());
  }

  @Override
  String workspace(Path root, SessionId session) {
    return "/workspace";
  }
}
