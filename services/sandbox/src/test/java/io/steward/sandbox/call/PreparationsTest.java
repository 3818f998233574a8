package io.steward.sandbox.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sandbox.driver.InstalledPackages;
import io.steward.sandbox.driver.NoneDriver;
import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.ProcessDriver;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.driver.Trees;
import io.steward.sandbox.egress.WaysOut;
import io.steward.sandbox.journal.InMemoryJournal;
import io.steward.sandbox.packages.EnvironmentPackages;
import io.steward.sandbox.tool.Toolset;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.progress.SessionProgress;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.sandbox.SandboxMount;
import io.steward.schemas.sandbox.SandboxNetwork;
import io.steward.schemas.sandbox.ToolResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// Sandboxes that are there before their call, and those that end with their session: with real
/// shells.
@Timeout(60)
class PreparationsTest {
  private static final String WORKSPACE = "wrkspc_default";

  @TempDir(cleanup = CleanupMode.NEVER)
  Path root;

  private final SessionId session = SessionId.random(2);
  private final InMemoryJournal journal = new InMemoryJournal();
  private final RecordingOutbox outbox = new RecordingOutbox();
  private final CallTally tally = new CallTally();
  private final ParentThread parent = new ParentThread();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final CountDownLatch packages = new CountDownLatch(1);
  private Optional<Sandboxes> sandboxes = Optional.empty();
  private volatile Duration ahead = Duration.ZERO;

  @AfterEach
  void closeAll() throws IOException {
    packages.countDown();
    sandboxes.ifPresent(all -> all.closeAll("the test ended"));
    parent.close();
    Trees.remove(root);
  }

  private SandboxDriver process() {
    return new ProcessDriver(
        root,
        new SandboxLimits(1L << 30, 128, 64L << 20, 32L << 20, Duration.ofSeconds(3)),
        parent);
  }

  private ToolCalls calls(SandboxDriver driver, EnvironmentPackages installed, int sandboxesMax) {
    Sandboxes made =
        new Sandboxes(
            driver,
            installed,
            WaysOut.NONE,
            TestExchange.of(root, new DirectoryBlobStore(root.resolve("blobs")), outbox),
            root,
            new Sandboxes.Limits(Duration.ofMinutes(15), sandboxesMax, Duration.ZERO, 1),
            outbox,
            InstantSource.system());
    sandboxes = Optional.of(made);
    return new ToolCalls(
        made,
        new Toolset(new Toolset.ToolLimits(Duration.ofSeconds(20), 1 << 20)),
        journal,
        outbox,
        () -> InstantSource.system().instant().plus(ahead),
        new ToolCalls.Identity("owner", 4),
        tally);
  }

  private ToolCalls calls() {
    return calls(process(), EnvironmentPackages.NOTHING, 10);
  }

  /// Packages that take until [#packages] is open.
  private EnvironmentPackages slow() {
    return (_, cancellation) -> {
      cancellation.onCancel(packages::countDown);
      try {
        packages.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return cancellation.isCanceled()
          ? new EnvironmentPackages.Outcome.Canceled()
          : new EnvironmentPackages.Outcome.Ready(Optional.<InstalledPackages>empty());
    };
  }

  private void prepare(ToolCalls calls, SessionId of, SandboxMount... mounts) {
    calls.prepare(
        new SandboxCommand.PrepareSandbox(
            of, "env_1", Json.tree(Map.of()), List.of(mounts), SandboxNetwork.NONE),
        WORKSPACE,
        acknowledged::incrementAndGet);
  }

  private String bash(ToolCalls calls, SessionId of, String command) throws InterruptedException {
    SandboxCommand.RunTool run =
        new SandboxCommand.RunTool(
            of,
            Ids.random("sevt_"),
            "bash",
            Json.tree(Map.of("command", command)),
            "env_1",
            Json.tree(Map.of()),
            null,
            List.of(),
            SandboxNetwork.NONE);
    calls.run(run, WORKSPACE, () -> {});
    ToolResult result = outbox.await(run.toolUseId(), 1);
    return ((ContentBlock.Text) result.content().getFirst()).text();
  }

  @Test
  void what_a_slow_call_waits_for_is_told() throws Exception {
    ToolCalls calls = calls(process(), slow(), 10);
    Thread call = Thread.ofVirtual().start(() -> bashQuietly(calls, "true"));

    assertEquals(SessionProgress.Activity.SANDBOX_PREPARING, told(calls).activity());

    packages.countDown();
    call.join();
    await(() -> toldNow(calls).isEmpty());
  }

  private SessionProgress told(ToolCalls calls) {
    List<SessionProgress> told = new ArrayList<>();
    await(() -> {
      told.addAll(toldNow(calls));
      return told.stream().anyMatch(one -> one.activity() != SessionProgress.Activity.CALL_QUEUED);
    });
    return told.getLast();
  }

  private List<SessionProgress> toldNow(ToolCalls calls) {
    ahead = ahead.plusSeconds(2);
    List<SessionProgress> told = new ArrayList<>();
    calls.progress().tell(told::add);
    return told;
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      LockSupport.parkNanos(2_000_000);
    }
  }

  @Test
  void a_call_finds_the_sandbox_that_was_prepared() throws Exception {
    ToolCalls calls = calls();
    prepare(calls, session);
    await(() -> !outbox.events().isEmpty());

    assertEquals("here", bash(calls, session, "echo here"));

    assertEquals(List.of("sandbox.started"), outbox.events());
    assertEquals(List.of(CallCounts.Start.PREPARED), tally.starts());
    assertEquals(1, acknowledged.get());
  }

  @Test
  void a_call_that_comes_meanwhile_uses_the_same_sandbox() throws Exception {
    ToolCalls calls = calls();

    prepare(calls, session);
    prepare(calls, session);

    assertEquals("here", bash(calls, session, "echo here"));
    assertEquals(List.of("sandbox.started"), outbox.events());
    assertEquals(1, tally.starts().size());
  }

  @Test
  void a_session_with_a_sandbox_needs_no_other() throws Exception {
    ToolCalls calls = calls();
    assertEquals("(no output)", bash(calls, session, "A=kept"));

    prepare(calls, session);

    assertEquals("kept", bash(calls, session, "echo $A"));
    assertEquals(List.of(CallCounts.Start.COLD), tally.starts());
  }

  @Test
  void what_fails_is_told_by_the_call() throws Exception {
    ToolCalls calls = calls(new NoneDriver("There is no sandbox."), EnvironmentPackages.NOTHING, 9);

    prepare(calls, session);

    assertEquals("There is no sandbox.", bash(calls, session, "true"));
    assertEquals(List.of(), tally.starts());
  }

  @Test
  void a_sandbox_no_call_used_goes_soon_and_before_others() throws Exception {
    ToolCalls calls = calls(process(), EnvironmentPackages.NOTHING, 2);
    SessionId used = SessionId.random(3);
    bash(calls, used, "true");
    prepare(calls, session);
    await(() -> tally.starts().size() == 2);

    SessionId third = SessionId.random(4);
    bash(calls, third, "true");

    assertEquals(List.of(session), stopped());
    prepare(calls, session);
    bash(calls, used, "true");
    assertEquals(List.of(session), stopped());
  }

  private List<SessionId> stopped() {
    return outbox.announced().stream()
        .filter(event -> event.type().wireName().equals("sandbox.stopped"))
        .map(event -> event.sessionId())
        .toList();
  }

  @Test
  void a_sandbox_that_was_prepared_in_vain_is_removed_when_it_was_idle() {
    ToolCalls calls = calls();
    prepare(calls, session);
    await(() -> !tally.starts().isEmpty());

    await(() -> {
      sandboxes.orElseThrow().removeIdle();
      return !stopped().isEmpty();
    });

    assertEquals(List.of(session), stopped());
  }

  @Test
  void what_is_too_much_at_once_is_left_out() throws Exception {
    ToolCalls calls = calls(process(), slow(), 10);
    prepare(calls, SessionId.random(3));

    prepare(calls, session);

    packages.countDown();
    await(() -> !tally.starts().isEmpty());
    assertEquals("(no output)", bash(calls, session, "true"));
    assertEquals(List.of(CallCounts.Start.PREPARED, CallCounts.Start.COLD), tally.starts());
  }

  @Test
  void one_that_is_left_out_because_there_are_enough_is_no_failure() throws Exception {
    AtomicInteger begun = new AtomicInteger();
    EnvironmentPackages counted =
        (config, cancellation) -> {
          begun.incrementAndGet();
          return EnvironmentPackages.NOTHING.obtain(config, cancellation);
        };
    ToolCalls calls = calls(process(), counted, 1);
    bash(calls, SessionId.random(3), "true");

    await(() -> {
      prepare(calls, session);
      return begun.get() >= 3; // One at a time, so the first is over.
    });

    assertEquals("(no output)", bash(calls, session, "true"));
    assertEquals(List.of(CallCounts.Start.COLD, CallCounts.Start.COLD), tally.starts());
    assertEquals(List.of(), tally.misses());
  }

  @Test
  void a_preparation_without_packages_counts_as_its_own() {
    ToolCalls calls =
        calls(process(), (_, _) -> new EnvironmentPackages.Outcome.Failed("no such package"), 9);

    prepare(calls, session);

    await(() -> tally.misses().equals(List.of(CallCounts.Start.PREPARED)));
    assertEquals(List.of(), outbox.events());
  }

  @Test
  void a_deletion_wins_over_what_is_being_prepared() {
    ToolCalls calls = calls(process(), slow(), 10);
    prepare(calls, session);

    calls.delete(new SandboxCommand.DeleteSandbox(session), acknowledged::incrementAndGet);

    await(() -> acknowledged.get() == 2);
    assertEquals(List.of(), outbox.events());
    assertFalse(Files.exists(root.resolve(session.value())));
  }

  @Test
  void the_sandbox_of_a_session_that_ended_goes_and_its_files_stay() throws Exception {
    ToolCalls calls = calls();
    bash(calls, session, "echo kept >file");

    calls.end(new SandboxCommand.EndSandbox(session), acknowledged::incrementAndGet);

    await(() -> acknowledged.get() == 1);
    assertEquals(List.of("sandbox.started", "sandbox.stopped"), outbox.events());
    assertTrue(Files.exists(root.resolve(session.value()).resolve("workspace").resolve("file")));
  }

  @Test
  void ending_a_session_cancels_what_runs_in_its_sandbox() throws Exception {
    ToolCalls calls = calls();
    Path file = root.resolve(session.value()).resolve("workspace").resolve("file");
    Thread caller = Thread.ofVirtual().start(() -> bashQuietly(calls, "touch file; sleep 600"));
    await(() -> Files.exists(file));

    calls.end(new SandboxCommand.EndSandbox(session), acknowledged::incrementAndGet);

    caller.join();
    await(() -> acknowledged.get() == 1);
    assertEquals(List.of(session), stopped());
  }

  private void bashQuietly(ToolCalls calls, String command) {
    try {
      bash(calls, session, command);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
