package io.steward.sandbox.call;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.steward.sandbox.driver.BubblewrapDriver;
import io.steward.sandbox.driver.ControlGroups;
import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SandboxLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;

class BubblewrapSandboxLossTest extends SandboxLossContract {
  private static final ControlGroups GROUPS = ControlGroups.detect();

  @BeforeAll
  static void needsBubblewrap() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/bwrap")), "bwrap is not installed");
  }

  @Override
  SandboxDriver driver(Path directory, SandboxLimits limits, ParentThread thread) {
    return new BubblewrapDriver(directory, limits, thread, GROUPS, List.of());
  }

  @Override
  List<Path> groups() throws IOException {
    return GROUPS.left();
  }
}
