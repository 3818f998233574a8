package io.steward.sandbox.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sandbox.driver.RemoteDriver;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.driver.Trees;
import io.steward.sandbox.egress.WaysOut;
import io.steward.sandbox.journal.InMemoryJournal;
import io.steward.sandbox.journal.Journal;
import io.steward.sandbox.packages.EnvironmentPackages;
import io.steward.sandbox.save.InMemoryHeads;
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
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// Calls in sandboxes that outlive the service: what becomes of them when it dies, stops, or is
/// replaced. Real shells, real connections.
@Timeout(60)
class RemoteCallsTest {
  private static final String WORKSPACE = "wrkspc_default";
  private static final SandboxLimits LIMITS =
      new SandboxLimits(256L << 20, 128, 64L << 20, 32L << 20, Duration.ofSeconds(3));

  /// What a command does that ends when the file `go` comes.
  private static final String WAITING =
      "echo ran >>log; until [ -e go ]; do sleep 0.02; done; echo done";

  @TempDir(cleanup = CleanupMode.NEVER)
  Path root;

  private final SessionId session = SessionId.random(0);
  private final InMemoryJournal journal = new InMemoryJournal();
  private final InMemoryHeads heads = new InMemoryHeads();
  private final RecordingOutbox outbox = new RecordingOutbox();
  private final List<Instance> instances = new ArrayList<>();

  /// One life of the service.
  private record Instance(RemoteDriver driver, Sandboxes sandboxes, ToolCalls calls) {}

  @AfterEach
  void closeAll() throws IOException {
    for (Instance instance : instances) {
      instance.calls().close();
      instance.sandboxes().closeAll("the test ended");
    }
    if (Files.isDirectory(root.resolve("elsewhere"))) {
      try (var left = Files.list(root.resolve("elsewhere"))) {
        for (Path machine : left.toList()) {
          instances.getFirst().driver().lose(machine.getFileName().toString());
        }
      }
    }
    Trees.remove(root);
  }

  private Instance instance(String owner) {
    Path directory = root.resolve(owner);
    RemoteDriver driver = new RemoteDriver(directory, root.resolve("elsewhere"), LIMITS);
    Sandboxes sandboxes =
        new Sandboxes(
            driver,
            EnvironmentPackages.NOTHING,
            WaysOut.NONE,
            TestExchange.of(
                directory, new DirectoryBlobStore(root.resolve("blobs")), outbox, heads),
            directory,
            new Sandboxes.Limits(Duration.ofMinutes(15), 10),
            outbox,
            InstantSource.system());
    ToolCalls calls =
        new ToolCalls(
            sandboxes,
            new Toolset(new Toolset.ToolLimits(Duration.ofSeconds(30), 1 << 20)),
            journal,
            outbox,
            InstantSource.system(),
            new ToolCalls.Identity(owner, 4),
            new CallTally());
    Instance instance = new Instance(driver, sandboxes, calls);
    instances.add(instance);
    return instance;
  }

  private SandboxCommand.RunTool command(String tool, Map<String, ?> input) {
    return new SandboxCommand.RunTool(
        session,
        Ids.random("sevt_"),
        tool,
        Json.tree(input),
        "env_1",
        Json.tree(Map.of()),
        null,
        List.of(),
        SandboxNetwork.NONE);
  }

  private SandboxCommand.RunTool bash(String command) {
    return command("bash", Map.of("command", command));
  }

  private String text(Instance instance, SandboxCommand.RunTool command)
      throws InterruptedException {
    instance.calls().run(command, WORKSPACE, () -> {});
    return text(outbox.await(command.toolUseId(), 1));
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

  private Path inside(Instance instance, String name) {
    return instance
        .driver()
        .places(instance.driver().incarnation(session))
        .workspace()
        .resolve(name);
  }

  /// A command that runs in a sandbox of `instance`.
  private SandboxCommand.RunTool started(Instance instance) {
    SandboxCommand.RunTool command = bash(WAITING);
    instance.calls().run(command, WORKSPACE, () -> {});
    await(() -> !journal.started("one").isEmpty() && Files.exists(inside(instance, "log")));
    return command;
  }

  private void assertRanOnce(Instance next, SandboxCommand.RunTool command) throws Exception {
    ToolResult result = outbox.await(command.toolUseId(), 1);
    assertEquals("done", text(result));
    assertEquals(Outcome.COMPLETED, result.outcome());
    assertEquals("1", text(next, bash("wc -l <log")));
    assertEquals(1, outbox.of(command.toolUseId()).stream().distinct().count());
  }

  @Test
  void a_service_that_was_killed_and_starts_again_answers_what_still_runs() throws Exception {
    Instance dead = instance("one");
    SandboxCommand.RunTool command = started(dead);
    dead.driver().cut();

    Instance next = instance("one");
    next.calls().recover();
    next.calls().run(command, WORKSPACE, () -> {});
    Files.createFile(inside(dead, "go"));

    assertRanOnce(next, command);
  }

  @Test
  void another_instance_answers_what_a_dead_one_began_and_has_its_files() throws Exception {
    Instance dead = instance("one");
    assertEquals("(no output)", text(dead, bash("mkdir d; echo before >d/f")));
    SandboxCommand.RunTool command = started(dead);
    dead.driver().cut();
    Files.createFile(inside(dead, "go"));

    Instance next = instance("two");
    next.calls().adopt(Duration.ofMillis(-60_000));

    assertRanOnce(next, command);
    Path mirror = root.resolve("two").resolve(session.value()).resolve("workspace");
    assertEquals("before\n", Files.readString(mirror.resolve("d/f")));
    assertEquals("ran\n", Files.readString(mirror.resolve("log")));
  }

  @Test
  void a_call_whose_sandbox_went_with_the_service_is_unknown() throws Exception {
    Instance dead = instance("one");
    SandboxCommand.RunTool command = started(dead);
    dead.driver().cut();
    dead.driver().lose(dead.driver().incarnation(session));

    instance("one").calls().recover();

    assertEquals(Outcome.UNKNOWN, outbox.await(command.toolUseId(), 1).outcome());
  }

  @Test
  void a_call_that_did_not_reach_its_sandbox_says_so_and_never_runs() throws Exception {
    Instance dead = instance("one");
    assertEquals("(no output)", text(dead, bash("true")));
    String incarnation = dead.driver().incarnation(session);
    SandboxCommand.RunTool command = bash("touch ran");
    journal.start(
        new Journal.Call(command.toolUseId(), session, WORKSPACE, "one"),
        incarnation,
        Instant.now());
    dead.driver().cut();

    Instance next = instance("one");
    next.calls().recover();

    assertTrue(text(outbox.await(command.toolUseId(), 1)).contains("so nothing ran"));
    assertEquals("0", text(next, bash("ls | wc -l")));
  }

  @Test
  void a_call_that_comes_before_anybody_missed_the_dead_instance_waits_for_what_it_began()
      throws Exception {
    Instance dead = instance("one");
    SandboxCommand.RunTool command = started(dead);
    dead.driver().cut();
    Instance next = instance("two");
    SandboxCommand.RunTool later = bash("cat log; pwd");

    next.calls().run(later, WORKSPACE, () -> {});
    Files.createFile(inside(dead, "go"));

    assertEquals("done", text(outbox.await(command.toolUseId(), 1)));
    assertEquals("ran\n" + inside(dead, "").toString(), text(outbox.await(later.toolUseId(), 1)));
  }

  @Test
  void a_picked_up_call_can_be_canceled() throws Exception {
    Instance dead = instance("one");
    SandboxCommand.RunTool command = started(dead);
    dead.driver().cut();
    Instance next = instance("one");
    next.calls().recover();

    next.calls()
        .cancel(
            new SandboxCommand.CancelTools(session, List.of(command.toolUseId())),
            WORKSPACE,
            () -> {});

    assertEquals(Outcome.CANCELED, outbox.await(command.toolUseId(), 1).outcome());
    assertEquals("1", text(next, bash("wc -l <log")));
  }

  @Test
  void a_service_that_stops_leaves_what_runs_to_the_next_one() throws Exception {
    Instance first = instance("one");
    SandboxCommand.RunTool command = started(first);

    first.calls().refuseMore();
    first.sandboxes().closeAll("the sandbox service was stopped");
    assertEquals(0, first.calls().awaitAnswered(Duration.ofSeconds(20)));
    first.calls().close();
    assertEquals(List.of(), outbox.of(command.toolUseId()));
    Instance next = instance("one");
    next.calls().recover();
    Files.createFile(inside(first, "go"));

    assertRanOnce(next, command);
  }

  @Test
  void an_instance_that_was_silent_leaves_its_call_to_who_took_over() throws Exception {
    Instance slow = instance("one");
    SandboxCommand.RunTool command = started(slow);

    Instance next = instance("two");
    next.calls().adopt(Duration.ofMillis(-60_000));
    assertEquals(0, slow.calls().awaitAnswered(Duration.ofSeconds(20)));
    Files.createFile(inside(slow, "go"));

    assertRanOnce(next, command);
  }

  @Test
  void files_go_both_ways_and_come_back_in_the_next_sandbox() throws Exception {
    Instance instance = instance("one");
    String large = "x".repeat(1_500_000);
    assertEquals(
        "wrote 1500000 bytes to large",
        text(instance, command("write", Map.of("file_path", "large", "content", large))));
    assertEquals("(no output)", text(instance, bash("ln -s large l; mkdir -p a/b; echo 1 >a/b/c")));
    instance.driver().lose(instance.driver().incarnation(session));
    await(() -> instance.sandboxes().live().isEmpty());
    Path mirror = root.resolve("one").resolve(session.value()).resolve("workspace");
    assertEquals(large, Files.readString(mirror.resolve("large")));

    assertEquals(
        "large 1500000 1",
        text(instance, bash("echo $(readlink l) $(stat -c %s large; cat a/b/c)")));
    assertEquals("(no output)", text(instance, bash("rm -r a l; echo 2 >a")));
    assertEquals("2\n", Files.readString(mirror.resolve("a")));
    assertTrue(Files.notExists(mirror.resolve("l")));
  }
}
