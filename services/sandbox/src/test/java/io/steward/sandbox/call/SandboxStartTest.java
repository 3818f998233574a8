package io.steward.sandbox.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.steward.sandbox.driver.BubblewrapDriver;
import io.steward.sandbox.driver.ControlGroups;
import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.driver.SessionDirectory;
import io.steward.sandbox.driver.Trees;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.sandbox.SandboxEvent;
import io.steward.schemas.sandbox.SandboxNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// Sandboxes that begin to start and come to nothing.
class SandboxStartTest {
  private static final ControlGroups GROUPS = ControlGroups.detect();
  private static final SandboxLimits LIMITS =
      new SandboxLimits(256L << 20, 128, 64L << 20, 32L << 20, Duration.ofSeconds(3));

  @TempDir(cleanup = CleanupMode.NEVER)
  Path root;

  private final RecordingOutbox outbox = new RecordingOutbox();
  private final ParentThread parent = new ParentThread();

  @BeforeEach
  void needsBubblewrap() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/bwrap")), "bwrap is not installed");
  }

  @AfterEach
  void close() throws IOException {
    parent.close();
    Trees.remove(root);
  }

  /// Groups of a sandbox go when its last process has gone.
  private static void awaitGone(String incarnation) throws IOException {
    while (GROUPS.left().stream().anyMatch(group -> group.toString().endsWith(incarnation))) {
      LockSupport.parkNanos(5_000_000);
    }
  }

  @Test
  @Timeout(60)
  void each_attempt_that_was_told_of_is_told_to_be_over_and_leaves_nothing() throws IOException {
    SessionId session = SessionId.random(0);
    SessionSandbox sandbox =
        new SessionSandbox(
            session,
            new BubblewrapDriver(
                root, LIMITS, parent, GROUPS, List.of(Path.of("/no/such/directory"))),
            new SessionFiles(
                session,
                SessionDirectory.of(root, session),
                TestExchange.of(root, new DirectoryBlobStore(root.resolve("blobs")), outbox)),
            outbox,
            InstantSource.system());
    Reach reach = new Reach(1, "wrkspc_default", Json.tree(Map.of()), SandboxNetwork.NONE);
    assertEquals(Optional.empty(), sandbox.bring(() -> false));

    IOException refused =
        assertThrows(
            IOException.class, () -> sandbox.acquire(Optional.empty(), Optional.empty(), reach));

    assertTrue(refused.toString().contains("/no/such/directory"), refused.toString());
    List<SandboxEvent> told = outbox.announced();
    assertEquals(6, told.size());
    for (int attempt = 0; attempt < told.size(); attempt += 2) {
      SandboxEvent started = told.get(attempt);
      SandboxEvent stopped = told.get(attempt + 1);
      assertEquals(SandboxEvent.Type.STARTED, started.type());
      assertEquals(SandboxEvent.Type.STOPPED, stopped.type());
      assertEquals(started.incarnation(), stopped.incarnation());
      assertEquals("it did not start", stopped.reason());
      awaitGone(started.incarnation());
    }
  }
}
