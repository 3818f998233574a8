package io.steward.sandbox.call;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.steward.sandbox.driver.BubblewrapDriver;
import io.steward.sandbox.driver.ControlGroups;
import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.driver.Trees;
import io.steward.sandbox.egress.WaysOut;
import io.steward.sandbox.journal.InMemoryJournal;
import io.steward.sandbox.packages.EnvironmentPackages;
import io.steward.sandbox.tool.Toolset;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.sandbox.SandboxNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// Prints what the first call of a session costs when its sandbox is made by it, and when it was
/// prepared while a model thought. Nothing about time is asserted.
@Timeout(120)
class FirstCallCostTest {
  private static final int SESSIONS = 11;
  private static final Duration THINKING = Duration.ofMillis(300);
  private static final String WORKSPACE = "wrkspc_default";

  @TempDir(cleanup = CleanupMode.NEVER)
  Path root;

  private final ParentThread parent = new ParentThread();
  private final RecordingOutbox outbox = new RecordingOutbox();

  @BeforeAll
  static void needsBubblewrap() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/bwrap")), "bwrap is not installed");
  }

  @AfterEach
  void remove() throws IOException {
    parent.close();
    Trees.remove(root);
  }

  private Sandboxes sandboxes() {
    SandboxLimits limits =
        new SandboxLimits(1L << 30, 128, 64L << 20, 32L << 20, Duration.ofSeconds(3));
    return new Sandboxes(
        new BubblewrapDriver(root, limits, parent, ControlGroups.detect(), List.of()),
        EnvironmentPackages.NOTHING,
        WaysOut.NONE,
        TestExchange.of(root, new DirectoryBlobStore(root.resolve("blobs")), outbox),
        root,
        new Sandboxes.Limits(Duration.ofMinutes(15), 100),
        outbox,
        InstantSource.system());
  }

  @Test
  void figures_of_first_calls() throws InterruptedException {
    Sandboxes sandboxes = sandboxes();
    ToolCalls calls =
        new ToolCalls(
            sandboxes,
            new Toolset(new Toolset.ToolLimits(Duration.ofSeconds(20), 1 << 20)),
            new InMemoryJournal(),
            outbox,
            InstantSource.system(),
            new ToolCalls.Identity("owner", 4),
            new CallTally());
    long[] cold = new long[SESSIONS];
    long[] prepared = new long[SESSIONS];
    long[] second = new long[SESSIONS];
    for (int i = 0; i < SESSIONS; i++) {
      LockSupport.parkNanos(THINKING.toNanos());
      cold[i] = call(calls, SessionId.random(1));
      SessionId session = SessionId.random(2);
      calls.prepare(
          new SandboxCommand.PrepareSandbox(
              session, "env_1", Json.tree(Map.of()), List.of(), SandboxNetwork.NONE),
          WORKSPACE,
          () -> {});
      LockSupport.parkNanos(THINKING.toNanos());
      prepared[i] = call(calls, session);
      second[i] = call(calls, session);
    }
    System.out.printf(
        "first call, milliseconds, median of %d: cold %d, prepared %d; second call %d%n",
        SESSIONS, median(cold), median(prepared), median(second));
    sandboxes.closeAll("the test ended");
  }

  private long call(ToolCalls calls, SessionId session) throws InterruptedException {
    SandboxCommand.RunTool run =
        new SandboxCommand.RunTool(
            session,
            Ids.random("sevt_"),
            "bash",
            Json.tree(Map.of("command", "true")),
            "env_1",
            Json.tree(Map.of()),
            null,
            List.of(),
            SandboxNetwork.NONE);
    long start = System.nanoTime();
    calls.run(run, WORKSPACE, () -> {});
    outbox.await(run.toolUseId(), 1);
    return Duration.ofNanos(System.nanoTime() - start).toMillis();
  }

  private static long median(long[] values) {
    return LongStream.of(values).sorted().skip(values.length / 2).findFirst().orElseThrow();
  }
}
