package io.steward.sandbox.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sandbox.driver.NoneDriver;
import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.ProcessDriver;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SandboxLimits;
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
import io.steward.schemas.sandbox.ToolResult.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// At most once, in order, beside each other: with a real shell, without a database and Kafka.
@Timeout(60)
class ToolCallsTest {
  private static final String OWNER = "owner";
  private static final String WORKSPACE = "wrkspc_default";

  @TempDir(cleanup = CleanupMode.NEVER)
  Path root;

  private final InMemoryJournal journal = new InMemoryJournal();
  private final RecordingOutbox outbox = new RecordingOutbox();
  private final ParentThread parent = new ParentThread();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final SessionId session = SessionId.random(2);
  private final List<Sandboxes> all = new ArrayList<>();

  @AfterEach
  void closeAll() throws IOException {
    all.forEach(sandboxes -> sandboxes.closeAll("the test ended"));
    parent.close();
    Trees.remove(root);
  }

  private ToolCalls calls() {
    return calls(Duration.ofMinutes(15));
  }

  private ToolCalls calls(Duration idle) {
    SandboxLimits limits =
        new SandboxLimits(1L << 30, 128, 64L << 20, 32L << 20, Duration.ofSeconds(3));
    return calls(new ProcessDriver(root, limits, parent), idle);
  }

  private ToolCalls calls(SandboxDriver driver, Duration idle) {
    Sandboxes sandboxes =
        new Sandboxes(
            driver,
            EnvironmentPackages.NOTHING,
            WaysOut.NONE,
            TestExchange.of(root, new DirectoryBlobStore(root.resolve("blobs")), outbox),
            root,
            new Sandboxes.Limits(idle, 10),
            outbox,
            InstantSource.system());
    all.add(sandboxes);
    return new ToolCalls(
        sandboxes,
        new Toolset(new Toolset.ToolLimits(Duration.ofSeconds(20), 1 << 20)),
        journal,
        outbox,
        InstantSource.system(),
        new ToolCalls.Identity(OWNER, 4),
        new CallTally());
  }

  private SandboxCommand.RunTool bash(SessionId of, String command) {
    return tool(of, "bash", Map.of("command", command));
  }

  private static SandboxCommand.RunTool tool(SessionId of, String name, Map<String, String> input) {
    return new SandboxCommand.RunTool(
        of,
        Ids.random("sevt_"),
        name,
        Json.tree(input),
        "env_1",
        Json.tree(Map.of()),
        null,
        List.of(),
        SandboxNetwork.NONE);
  }

  private void run(ToolCalls calls, SandboxCommand.RunTool command) {
    calls.run(command, WORKSPACE, acknowledged::incrementAndGet);
  }

  private void cancel(ToolCalls calls, SandboxCommand.RunTool... commands) {
    List<String> ids = java.util.Arrays.stream(commands).map(c -> c.toolUseId()).toList();
    calls.cancel(
        new SandboxCommand.CancelTools(session, ids), WORKSPACE, acknowledged::incrementAndGet);
  }

  private String text(SandboxCommand.RunTool command) throws InterruptedException {
    return text(outbox.await(command.toolUseId(), 1));
  }

  private static String text(ToolResult result) {
    return ((ContentBlock.Text) result.content().getFirst()).text();
  }

  @Test
  void a_call_is_journalled_acknowledged_and_answered() throws InterruptedException {
    ToolCalls calls = calls();
    SandboxCommand.RunTool command = bash(session, "echo hi");

    run(calls, command);

    ToolResult result = outbox.await(command.toolUseId(), 1);
    assertEquals(Outcome.COMPLETED, result.outcome());
    assertFalse(result.isError());
    assertEquals("hi", text(result));
    assertTrue(acknowledged.get() >= 1);
    assertEquals(List.of("sandbox.started"), outbox.events());
    assertTrue(journal.find(command.toolUseId()).orElseThrow() instanceof Journal.Entry.Finished);
  }

  @Test
  void commands_of_a_session_run_in_order_and_file_tools_beside_them() throws InterruptedException {
    ToolCalls calls = calls();
    List<SandboxCommand.RunTool> commands = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      commands.add(
          bash(session, "sleep 0.0" + (8 - i) + "; echo " + i + " >>log; cat log | wc -l"));
    }
    SandboxCommand.RunTool slow = bash(session, "sleep 5");
    SandboxCommand.RunTool read = tool(session, "read", Map.of("file_path", "log"));

    commands.forEach(command -> run(calls, command));
    for (int i = 0; i < 8; i++) {
      assertEquals(Integer.toString(i + 1), text(commands.get(i)));
    }
    run(calls, slow);
    run(calls, read);

    assertEquals("0\n1\n2\n3\n4\n5\n6\n7\n", text(read));
    assertTrue(outbox.of(slow.toolUseId()).isEmpty());
    cancel(calls, slow);
    assertEquals(Outcome.CANCELED, outbox.await(slow.toolUseId(), 1).outcome());
  }

  @Test
  void a_known_call_never_runs_again_but_is_answered_again() throws InterruptedException {
    ToolCalls calls = calls();
    SandboxCommand.RunTool command = bash(session, "echo x >>log; wc -l <log");
    run(calls, command);
    run(calls, command);
    assertEquals("1", text(command));
    awaitQuiet(command);
    int before = outbox.of(command.toolUseId()).size();

    run(calls, command);

    assertEquals("1", text(outbox.await(command.toolUseId(), before + 1)));
  }

  /// Waits until the call is through, so that the next copy is answered from the journal.
  private void awaitQuiet(SandboxCommand.RunTool command) throws InterruptedException {
    while (!journal.unanswered(OWNER, Instant.MAX).isEmpty() || !journal.started(OWNER).isEmpty()) {
      Thread.sleep(5);
    }
    Thread.sleep(50);
    assertFalse(outbox.of(command.toolUseId()).isEmpty());
  }

  @Test
  void a_call_that_waits_can_be_canceled_and_never_runs() throws InterruptedException {
    ToolCalls calls = calls();
    SandboxCommand.RunTool first = bash(session, "sleep 0.5");
    SandboxCommand.RunTool second = bash(session, "touch never");
    SandboxCommand.RunTool third = bash(session, "ls");
    List.of(first, second, third).forEach(command -> run(calls, command));

    cancel(calls, second);

    assertEquals(Outcome.CANCELED, outbox.await(second.toolUseId(), 1).outcome());
    assertTrue(outbox.of(first.toolUseId()).isEmpty());
    assertEquals("(no output)", text(third));
  }

  @Test
  void a_cancel_before_its_call_is_remembered() throws InterruptedException {
    ToolCalls calls = calls();
    SandboxCommand.RunTool command = bash(session, "touch never");
    cancel(calls, command);
    outbox.await(command.toolUseId(), 1);

    run(calls, command);

    assertEquals(Outcome.CANCELED, outbox.await(command.toolUseId(), 2).outcome());
    assertEquals(List.of(), outbox.events());
  }

  @Test
  void a_cancel_of_another_session_changes_nothing() throws InterruptedException {
    ToolCalls calls = calls();
    SandboxCommand.RunTool command = bash(SessionId.random(3), "sleep 0.3; echo done");
    run(calls, command);

    cancel(calls, command);

    assertEquals("done", text(command));
  }

  @Test
  void a_running_call_is_canceled_while_all_permits_are_taken() throws InterruptedException {
    ToolCalls calls = calls();
    List<SandboxCommand.RunTool> busy = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      busy.add(bash(session, "sleep 600"));
    }
    busy.forEach(command -> run(calls, command));
    Thread.sleep(300);
    long start = System.nanoTime();

    cancel(calls, busy.toArray(SandboxCommand.RunTool[]::new));

    for (SandboxCommand.RunTool command : busy) {
      assertEquals(Outcome.CANCELED, outbox.await(command.toolUseId(), 1).outcome());
    }
    assertTrue(System.nanoTime() - start < 2_000_000_000L);
  }

  @Test
  void what_a_dead_service_had_started_is_unknown_once() throws InterruptedException {
    SandboxCommand.RunTool lost = bash(session, "echo x");
    Journal.Call call = new Journal.Call(lost.toolUseId(), session, WORKSPACE, OWNER);
    journal.start(call, "sbx_gone", Instant.now());
    ToolCalls calls = calls();

    calls.recover();
    calls.recover();

    ToolResult result = outbox.await(lost.toolUseId(), 1);
    assertEquals(Outcome.UNKNOWN, result.outcome());
    assertTrue(result.isError());
    assertTrue(
        text(result)
            .endsWith(
                "It may have run completely, partly or not at all. Check before you run it again."));
    assertEquals(1, outbox.of(lost.toolUseId()).size());
  }

  @Test
  void a_result_that_did_not_arrive_is_sent_again() throws InterruptedException {
    ToolCalls calls = calls();
    SandboxCommand.RunTool command = bash(session, "echo x");
    outbox.broken(true);
    run(calls, command);
    while (journal.unanswered(OWNER, Instant.MAX).isEmpty()) {
      Thread.sleep(5);
    }
    outbox.broken(false);

    calls.resend(Duration.ZERO);

    assertEquals("x", text(command));
    assertEquals(List.of(), journal.unanswered(OWNER, Instant.MAX));
  }

  @Test
  void a_wrong_input_or_no_driver_is_an_error_the_model_can_read() throws InterruptedException {
    ToolCalls calls = calls(new NoneDriver("There is no sandbox."), Duration.ofMinutes(15));
    SandboxCommand.RunTool wrong = tool(session, "bash", Map.of());
    SandboxCommand.RunTool right = bash(session, "true");
    run(calls, wrong);
    run(calls, right);

    assertEquals("bash: command is required", text(wrong));
    assertEquals("There is no sandbox.", text(right));
    assertTrue(outbox.await(right.toolUseId(), 1).isError());
    assertEquals(List.of(), outbox.events());
  }

  @Test
  void deleting_a_session_ends_its_calls_and_removes_its_files() throws Exception {
    ToolCalls calls = calls();
    SandboxCommand.RunTool running = bash(session, "touch file; sleep 600");
    run(calls, running);
    while (!Files.exists(root.resolve(session.value()).resolve("workspace").resolve("file"))) {
      Thread.sleep(5);
    }
    int before = acknowledged.get();

    calls.delete(new SandboxCommand.DeleteSandbox(session), acknowledged::incrementAndGet);

    assertEquals(Outcome.CANCELED, outbox.await(running.toolUseId(), 1).outcome());
    while (acknowledged.get() == before || Files.exists(root.resolve(session.value()))) {
      Thread.sleep(5);
    }
    assertEquals(List.of("sandbox.started", "sandbox.stopped"), outbox.events());
    Journal.Entry entry = journal.find(running.toolUseId()).orElseThrow();
    while (!(entry instanceof Journal.Entry.Forgotten)) {
      Thread.sleep(5);
      entry = journal.find(running.toolUseId()).orElseThrow();
    }
  }

  @Test
  void an_idle_sandbox_goes_and_its_workspace_comes_back() throws InterruptedException {
    ToolCalls calls = calls(Duration.ZERO);
    SandboxCommand.RunTool first = bash(session, "echo kept >file; A=1");
    run(calls, first);
    text(first);
    awaitQuiet(first);

    all.getFirst().removeIdle();
    SandboxCommand.RunTool second = bash(session, "cat file; echo ${A:-gone}");
    run(calls, second);

    assertEquals("kept\ngone", text(second));
    assertEquals(List.of("sandbox.started", "sandbox.stopped", "sandbox.started"), outbox.events());
  }
}
