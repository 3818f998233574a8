package io.steward.sandbox.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.driver.SessionDirectory;
import io.steward.sandbox.driver.Trees;
import io.steward.sandbox.egress.WaysOut;
import io.steward.sandbox.journal.InMemoryJournal;
import io.steward.sandbox.journal.Journal;
import io.steward.sandbox.packages.EnvironmentPackages;
import io.steward.sandbox.tool.Toolset;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.sandbox.SandboxNetwork;
import io.steward.schemas.sandbox.ToolResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of calls whose sandbox dies under them or between them, with real sandboxes and
/// real kills. In every case the call has one result, it never runs again, the next one works, and
/// nothing of the dead sandbox is left.
@Timeout(60)
abstract class SandboxLossContract {
  private static final String OWNER = "owner";
  private static final String WORKSPACE = "wrkspc_default";
  private static final SandboxLimits LIMITS =
      new SandboxLimits(256L << 20, 128, 64L << 20, 32L << 20, Duration.ofSeconds(3));

  @TempDir(cleanup = CleanupMode.NEVER)
  Path root;

  private final SessionId session = SessionId.random(0);
  private final InMemoryJournal journal = new InMemoryJournal();
  private final RecordingOutbox outbox = new RecordingOutbox();
  private final ParentThread parent = new ParentThread();
  private final List<Sandboxes> all = new ArrayList<>();

  abstract SandboxDriver driver(Path directory, SandboxLimits limits, ParentThread thread);

  /// Control groups of sandboxes that are there.
  abstract List<Path> groups() throws IOException;

  @AfterEach
  void closeAll() throws IOException {
    all.forEach(sandboxes -> sandboxes.closeAll("the test ended"));
    parent.close();
    Trees.remove(root);
  }

  private Path directory() {
    return root.resolve("sandboxes").resolve(session.value());
  }

  private ToolCalls calls() {
    Path directory = root.resolve("sandboxes");
    Sandboxes sandboxes =
        new Sandboxes(
            driver(directory, LIMITS, parent),
            EnvironmentPackages.NOTHING,
            WaysOut.NONE,
            TestExchange.of(directory, new DirectoryBlobStore(root.resolve("blobs")), outbox),
            directory,
            new Sandboxes.Limits(Duration.ofMinutes(15), 10),
            outbox,
            InstantSource.system());
    all.add(sandboxes);
    return new ToolCalls(
        sandboxes,
        new Toolset(new Toolset.ToolLimits(Duration.ofSeconds(30), 1 << 20)),
        journal,
        outbox,
        InstantSource.system(),
        new ToolCalls.Identity(OWNER, 4),
        new CallTally());
  }

  private SandboxCommand.RunTool bash(String command) {
    return new SandboxCommand.RunTool(
        session,
        Ids.random("sevt_"),
        "bash",
        Json.tree(Map.of("command", command)),
        "env_1",
        Json.tree(Map.of()),
        null,
        List.of(),
        SandboxNetwork.NONE);
  }

  private ToolResult run(ToolCalls calls, SandboxCommand.RunTool command)
      throws InterruptedException {
    calls.run(command, WORKSPACE, () -> {});
    return outbox.await(command.toolUseId(), 1);
  }

  private String text(ToolCalls calls, String command) throws InterruptedException {
    return text(run(calls, bash(command)));
  }

  private static String text(ToolResult result) {
    return ((ContentBlock.Text) result.content().getFirst()).text();
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      if (Thread.currentThread().isInterrupted()) {
        throw new AssertionError("it did not come true in time");
      }
      LockSupport.parkNanos(5_000_000);
    }
  }

  /// A command that appends a line, says that it did, and goes on for ever.
  private SandboxCommand.RunTool started(ToolCalls calls) {
    SandboxCommand.RunTool command =
        bash("echo ran >>log; (while :; do sleep 987; done) & sleep 986; echo not reached");
    calls.run(command, WORKSPACE, () -> {});
    Path log = directory().resolve("workspace/log");
    await(() -> Files.exists(log) && !processes("sleep 986").isEmpty());
    return command;
  }

  private List<ProcessHandle> processes(String arguments) {
    return ProcessHandle.allProcesses()
        .filter(process -> commandLine(process).contains(arguments))
        .filter(process -> process.pid() != ProcessHandle.current().pid())
        .toList();
  }

  private static String commandLine(ProcessHandle process) {
    try {
      byte[] bytes = Files.readAllBytes(Path.of("/proc/" + process.pid() + "/cmdline"));
      return new String(bytes, StandardCharsets.UTF_8).replace('\0', ' ');
    } catch (IOException e) {
      return "";
    }
  }

  /// Processes of shims: the script is named in their command line.
  private static List<ProcessHandle> shims() {
    return ProcessHandle.current()
        .descendants()
        .filter(process -> commandLine(process).matches("/bin/bash --noprofile --norc /\\S*shim "))
        .toList();
  }

  /// What runs for this process now: the sandboxes with all that is in them.
  private static List<ProcessHandle> running() {
    return ProcessHandle.current().descendants().toList();
  }

  private static void kill(List<ProcessHandle> processes) {
    assertTrue(!processes.isEmpty(), "nothing to kill");
    processes.forEach(ProcessHandle::destroyForcibly);
  }

  private void assertLostOnce(ToolCalls calls, SandboxCommand.RunTool command)
      throws InterruptedException {
    ToolResult result = outbox.await(command.toolUseId(), 1);
    assertTrue(result.isError());
    assertTrue(
        text(result).contains("before you run it again"), () -> "not plain: " + text(result));
    await(() -> journal.unanswered(OWNER, Instant.MAX).isEmpty());
    assertEquals(List.of(), journal.started(OWNER));
    assertInstanceOf(Journal.Entry.Finished.class, journal.find(command.toolUseId()).orElseThrow());
    await(() -> {
      calls.run(command, WORKSPACE, () -> {});
      return outbox.of(command.toolUseId()).size() > 1;
    });
    assertEquals(List.of(result), outbox.of(command.toolUseId()).stream().distinct().toList());
  }

  /// Names the sandbox that lives now, and with it its control groups.
  private String incarnation() {
    return all.getFirst().live().values().iterator().next().incarnation();
  }

  private void assertNothingLeft(List<ProcessHandle> processes, String incarnation) {
    await(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
    await(() -> processes("sleep 98").isEmpty());
    await(() -> {
      try {
        return groups().stream().noneMatch(group -> group.toString().endsWith(incarnation));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  @Test
  void a_call_whose_shim_is_killed_is_answered_once_and_the_next_has_a_new_sandbox()
      throws Exception {
    ToolCalls calls = calls();
    SandboxCommand.RunTool lost = started(calls);
    String incarnation = incarnation();
    List<ProcessHandle> before = running();

    kill(shims());

    assertLostOnce(calls, lost);
    assertEquals("1", text(calls, "wc -l <log"));
    assertNothingLeft(before, incarnation);
    assertEquals(List.of("sandbox.started", "sandbox.stopped", "sandbox.started"), outbox.events());
  }

  @Test
  void a_call_whose_processes_are_all_killed_is_answered_once() throws Exception {
    ToolCalls calls = calls();
    SandboxCommand.RunTool lost = started(calls);
    String incarnation = incarnation();
    List<ProcessHandle> before = running();

    kill(before);

    assertLostOnce(calls, lost);
    assertEquals("1", text(calls, "wc -l <log"));
    assertNothingLeft(before, incarnation);
  }

  @Test
  void a_sandbox_that_is_killed_between_calls_is_replaced() throws Exception {
    ToolCalls calls = calls();
    assertEquals("kept", text(calls, "echo kept | tee file; (while :; do sleep 987; done) &"));
    String incarnation = incarnation();
    List<ProcessHandle> before = running();

    kill(shims());
    await(() -> all.getFirst().live().isEmpty());

    assertEquals("kept", text(calls, "cat file"));
    assertNothingLeft(before, incarnation);
  }

  @Test
  void a_directory_removed_during_a_call_is_an_error_at_once() throws Exception {
    ToolCalls calls = calls();
    SandboxCommand.RunTool lost = started(calls);
    String incarnation = incarnation();
    List<ProcessHandle> before = running();

    Trees.remove(directory());
    new DiskWatch(all.getFirst(), 64L << 20, 10_000).measure();

    assertLostOnce(calls, lost);
    assertEquals("fine", text(calls, "echo fine"));
    assertTrue(Files.isDirectory(directory().resolve("workspace")));
    assertNothingLeft(before, incarnation);
  }

  @Test
  void a_call_that_ends_after_its_directory_went_is_no_success() throws Exception {
    ToolCalls calls = calls();
    SandboxCommand.RunTool lost = bash("echo ran >>log; until [ ! -e log ]; do sleep 0.02; done");
    calls.run(lost, WORKSPACE, () -> {});
    await(() -> Files.exists(directory().resolve("workspace/log")));

    Trees.remove(directory());

    assertLostOnce(calls, lost);
    assertEquals("fine", text(calls, "echo fine"));
  }

  @Test
  void a_directory_removed_between_calls_gives_a_new_sandbox() throws Exception {
    ToolCalls calls = calls();
    text(calls, "true");
    String incarnation = incarnation();
    List<ProcessHandle> before = running();

    Trees.remove(directory());

    assertEquals("fine", text(calls, "echo fine | tee file"));
    assertTrue(Files.exists(directory().resolve("workspace/file")));
    assertNothingLeft(before, incarnation);
    assertTrue(SessionDirectory.of(root.resolve("sandboxes"), session).identity().isPresent());
  }

  @Test
  void a_directory_that_goes_away_is_nobody_elses_disk_usage() throws Exception {
    ToolCalls calls = calls();
    text(calls, "true");
    SessionId other = SessionId.random(1);
    SandboxCommand.RunTool large =
        new SandboxCommand.RunTool(
            other,
            Ids.random("sevt_"),
            "bash",
            Json.tree(Map.of("command", "head -c 9000000 /dev/zero >large")),
            "env_1",
            Json.tree(Map.of()),
            null,
            List.of(),
            SandboxNetwork.NONE);
    run(calls, large);
    DiskWatch watch = new DiskWatch(all.getFirst(), 4L << 20, 10_000);

    Trees.remove(directory());
    watch.measure();

    assertEquals(List.of(), all.getFirst().live().keySet().stream().toList());
    assertTrue(Files.exists(root.resolve("sandboxes/" + other + "/workspace/large")));
  }
}
