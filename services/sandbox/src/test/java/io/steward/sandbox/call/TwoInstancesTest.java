package io.steward.sandbox.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.ProcessDriver;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.driver.Trees;
import io.steward.sandbox.egress.WaysOut;
import io.steward.sandbox.journal.Journal;
import io.steward.sandbox.journal.PostgresJournal;
import io.steward.sandbox.packages.EnvironmentPackages;
import io.steward.sandbox.save.PostgresHeads;
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
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
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
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// At most once over several instances of the service, their deaths and their ends: with real
/// shells and one real PostgreSQL.
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TwoInstancesTest {
  private static final String WORKSPACE = "wrkspc_default";

  @TempDir(cleanup = CleanupMode.NEVER)
  Path root;

  private final EmbeddedPostgres postgres;
  private final RecordingOutbox outbox = new RecordingOutbox();
  private final ParentThread parent = new ParentThread();
  private final List<Sandboxes> all = new ArrayList<>();

  TwoInstancesTest() throws IOException {
    postgres = EmbeddedPostgres.start();
  }

  @BeforeAll
  void migrate() {
    Flyway.configure()
        .dataSource(postgres.getPostgresDatabase())
        .schemas("sandbox")
        .defaultSchema("sandbox")
        .load()
        .migrate();
  }

  @AfterEach
  void closeSandboxes() throws IOException {
    all.forEach(sandboxes -> sandboxes.closeAll("the test ended"));
    all.clear();
    Trees.remove(root);
  }

  @AfterAll
  void stop() throws IOException {
    parent.close();
    postgres.close();
  }

  private Journal journal() {
    return new PostgresJournal(postgres.getPostgresDatabase());
  }

  /// An instance of the service with a directory of its own.
  private ToolCalls instance(String owner) {
    SandboxLimits limits =
        new SandboxLimits(1L << 30, 128, 64L << 20, 32L << 20, Duration.ofSeconds(3));
    Path directory = root.resolve(owner);
    Sandboxes sandboxes =
        new Sandboxes(
            new ProcessDriver(directory, limits, parent),
            EnvironmentPackages.NOTHING,
            WaysOut.NONE,
            TestExchange.of(
                directory,
                new DirectoryBlobStore(root.resolve("blobs")),
                outbox,
                new PostgresHeads(postgres.getPostgresDatabase())),
            directory,
            new Sandboxes.Limits(Duration.ofMinutes(15), 10),
            outbox,
            InstantSource.system());
    all.add(sandboxes);
    return new ToolCalls(
        sandboxes,
        new Toolset(new Toolset.ToolLimits(Duration.ofSeconds(30), 1 << 20)),
        journal(),
        outbox,
        InstantSource.system(),
        new ToolCalls.Identity(owner, 16),
        new CallTally());
  }

  private static SandboxCommand.RunTool bash(SessionId session, String command) {
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

  @Test
  void a_command_that_reaches_two_instances_at_once_runs_once() throws Exception {
    ToolCalls one = instance("one");
    ToolCalls two = instance("two");
    Path log = root.resolve("log");
    List<SandboxCommand.RunTool> commands = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      commands.add(bash(SessionId.random(i), "echo ran >>" + log + i));
    }

    commands.parallelStream()
        .forEach(command ->
            List.of(one, two).parallelStream()
                .forEach(instance -> instance.run(command, WORKSPACE, () -> {})));

    for (int i = 0; i < commands.size(); i++) {
      outbox.await(commands.get(i).toolUseId(), 1);
    }
    assertEquals(0, one.awaitAnswered(Duration.ofSeconds(20)));
    assertEquals(0, two.awaitAnswered(Duration.ofSeconds(20)));
    for (int i = 0; i < commands.size(); i++) {
      assertEquals(List.of("ran"), Files.readAllLines(Path.of(log.toString() + i)));
      assertEquals(1, outbox.of(commands.get(i).toolUseId()).stream().distinct().count());
    }
  }

  @Test
  void a_known_call_never_runs_again_when_instance_and_directory_are_gone() throws Exception {
    SessionId session = SessionId.random(1);
    Path log = root.resolve("log");
    SandboxCommand.RunTool command = bash(session, "echo ran | tee -a " + log);
    instance("gone").run(command, WORKSPACE, () -> {});
    ToolResult first = outbox.await(command.toolUseId(), 1);
    all.getFirst().closeAll("the machine is gone");
    Trees.remove(root.resolve("gone"));

    instance("other").run(command, WORKSPACE, () -> {});

    assertEquals(first, outbox.await(command.toolUseId(), 2));
    assertEquals(List.of("ran"), Files.readAllLines(log));
  }

  @Test
  void what_a_dead_instance_began_is_answered_by_another_once_and_never_run() throws Exception {
    SessionId session = SessionId.random(2);
    SandboxCommand.RunTool command = bash(session, "touch " + root.resolve("ran"));
    journal()
        .start(
            new Journal.Call(command.toolUseId(), session, WORKSPACE, "dead"),
            "sbx_gone",
            Instant.now().minusSeconds(60));
    ToolCalls other = instance("other");
    other.run(command, WORKSPACE, () -> {});

    other.adopt(Duration.ofSeconds(30));
    other.adopt(Duration.ofSeconds(30));
    other.run(command, WORKSPACE, () -> {});

    ToolResult result = outbox.await(command.toolUseId(), 2);
    assertEquals(Outcome.UNKNOWN, result.outcome());
    assertEquals(1, outbox.of(command.toolUseId()).stream().distinct().count());
    assertTrue(Files.notExists(root.resolve("ran")));
  }

  @Test
  void an_instance_that_slept_tells_the_answer_that_was_given_for_it() throws Exception {
    SessionId session = SessionId.random(3);
    ToolCalls slow = instance("slow");
    Path go = root.resolve("go");
    SandboxCommand.RunTool command = bash(session, "until [ -e " + go + " ]; do sleep 0.02; done");
    slow.run(command, WORKSPACE, () -> {});
    await(() -> !journal().started("slow").isEmpty());

    instance("other").adopt(Duration.ofMillis(-60_000));
    Files.createFile(go);
    assertEquals(0, slow.awaitAnswered(Duration.ofSeconds(20)));

    assertEquals(Outcome.UNKNOWN, outbox.await(command.toolUseId(), 2).outcome());
    assertEquals(1, outbox.of(command.toolUseId()).stream().distinct().count());
  }

  @Test
  void a_loop_that_starts_over_leaves_running_calls_alone() throws Exception {
    SessionId session = SessionId.random(4);
    ToolCalls calls = instance("one");
    Path go = root.resolve("go");
    SandboxCommand.RunTool command =
        bash(session, "until [ -e " + go + " ]; do sleep 0.02; done; echo done");
    calls.run(command, WORKSPACE, () -> {});
    await(() -> !journal().started("one").isEmpty());

    calls.recover();
    Files.createFile(go);

    assertEquals("done", text(outbox.await(command.toolUseId(), 1)));
  }

  @Test
  void a_stopping_service_answers_what_ends_in_time_and_ends_the_rest_honestly() throws Exception {
    ToolCalls calls = instance("one");
    Path go = root.resolve("go");
    SandboxCommand.RunTool quick =
        bash(SessionId.random(5), "until [ -e " + go + " ]; do sleep 0.02; done; echo done");
    SandboxCommand.RunTool endless = bash(SessionId.random(6), "echo begun; sleep 600");
    SandboxCommand.RunTool late = bash(SessionId.random(7), "touch " + root.resolve("late"));
    calls.run(quick, WORKSPACE, () -> {});
    calls.run(endless, WORKSPACE, () -> {});
    await(() -> journal().started("one").size() == 2);

    calls.refuseMore();
    calls.run(
        late,
        WORKSPACE,
        () -> {
          throw new AssertionError("acknowledged");
        });
    Files.createFile(go);
    assertEquals(1, calls.awaitAnswered(Duration.ofSeconds(2)));
    all.getFirst().closeAll("the sandbox service was stopped");

    assertEquals(0, calls.awaitAnswered(Duration.ofSeconds(20)));
    calls.close();
    assertEquals("done", text(outbox.await(quick.toolUseId(), 1)));
    ToolResult ended = outbox.await(endless.toolUseId(), 1);
    assertTrue(ended.isError());
    assertTrue(text(ended).contains("the sandbox service was stopped"), text(ended));
    assertInstanceOf(
        Journal.Entry.Finished.class, journal().find(endless.toolUseId()).orElseThrow());
    assertTrue(journal().find(late.toolUseId()).isEmpty());
    assertTrue(Files.notExists(root.resolve("late")));
  }
}
