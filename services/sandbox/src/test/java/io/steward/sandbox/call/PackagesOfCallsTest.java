package io.steward.sandbox.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.ProcessDriver;
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
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.sandbox.SandboxNetwork;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.sandbox.ToolResult.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// What calls do while the packages of their environment are installed, and when that fails.
@Timeout(60)
class PackagesOfCallsTest {
  private static final EnvironmentPackages.Outcome READY =
      new EnvironmentPackages.Outcome.Ready(Optional.empty());

  @TempDir(cleanup = CleanupMode.NEVER)
  Path root;

  private final RecordingOutbox outbox = new RecordingOutbox();
  private final CallTally tally = new CallTally();
  private final ParentThread parent = new ParentThread();
  private final SessionId session = SessionId.random(0);
  private final JsonNode config = Json.tree(Map.of("packages", Map.of("pip", List.of("a"))));
  private final Queue<JsonNode> asked = new ConcurrentLinkedQueue<>();
  private Optional<Sandboxes> sandboxes = Optional.empty();

  @AfterEach
  void closeAll() throws IOException {
    sandboxes.ifPresent(all -> all.closeAll("the test ended"));
    parent.close();
    Trees.remove(root);
  }

  private ToolCalls calls(EnvironmentPackages packages) {
    SandboxLimits limits =
        new SandboxLimits(1L << 30, 128, 64L << 20, 32L << 20, Duration.ofSeconds(3));
    Sandboxes all =
        new Sandboxes(
            new ProcessDriver(root, limits, parent),
            (config, cancellation) -> {
              asked.add(config);
              return packages.obtain(config, cancellation);
            },
            WaysOut.NONE,
            TestExchange.of(root, new DirectoryBlobStore(root.resolve("blobs")), outbox),
            root,
            new Sandboxes.Limits(Duration.ofMinutes(15), 10),
            outbox,
            InstantSource.system());
    sandboxes = Optional.of(all);
    return new ToolCalls(
        all,
        new Toolset(new Toolset.ToolLimits(Duration.ofSeconds(20), 1 << 20)),
        new InMemoryJournal(),
        outbox,
        InstantSource.system(),
        new ToolCalls.Identity("owner", 4),
        tally);
  }

  private SandboxCommand.RunTool start(ToolCalls calls) {
    return start(calls, session, config);
  }

  private static SandboxCommand.RunTool start(ToolCalls calls, SessionId session, JsonNode config) {
    SandboxCommand.RunTool command =
        new SandboxCommand.RunTool(
            session,
            Ids.random("sevt_"),
            "bash",
            Json.tree(Map.of("command", "echo hi")),
            "env_1",
            config,
            null,
            List.of(),
            SandboxNetwork.NONE);
    calls.run(command, "wrkspc_default", () -> {});
    return command;
  }

  private ToolResult result(SandboxCommand.RunTool command) throws InterruptedException {
    return outbox.await(command.toolUseId(), 1);
  }

  private static String text(ToolResult result) {
    return ((ContentBlock.Text) result.content().getFirst()).text();
  }

  @Test
  void a_failing_installation_is_an_error_of_the_call_and_the_next_call_tries_again()
      throws InterruptedException {
    Queue<EnvironmentPackages.Outcome> outcomes =
        new ConcurrentLinkedQueue<>(
            List.of(new EnvironmentPackages.Outcome.Failed("no such package"), READY));
    ToolCalls calls = calls((_, _) -> Optional.ofNullable(outcomes.poll()).orElse(READY));

    ToolResult first = result(start(calls));
    ToolResult second = result(start(calls));

    assertTrue(first.isError());
    assertEquals("no such package", text(first));
    assertEquals("hi", text(second));
    assertEquals(List.of(CallCounts.Start.COLD), tally.misses());
  }

  @Test
  void packages_are_asked_for_when_a_sandbox_is_made_and_not_again() throws InterruptedException {
    ToolCalls calls = calls((_, _) -> READY);

    result(start(calls));
    result(start(calls));

    assertEquals(List.of(config), List.copyOf(asked));
  }

  @Test
  void calls_that_wait_for_packages_hold_up_no_others() throws InterruptedException {
    CountDownLatch waiting = new CountDownLatch(6);
    CountDownLatch installed = new CountDownLatch(1);
    ToolCalls calls =
        calls((asked, _) -> {
          if (asked.equals(config)) {
            waiting.countDown();
            awaitUninterrupted(installed);
          }
          return READY;
        });
    List<SandboxCommand.RunTool> held =
        IntStream.range(0, 6).mapToObj(i -> start(calls, SessionId.random(i), config)).toList();
    waiting.await();

    assertEquals("hi", text(result(start(calls, session, Json.tree(Map.of())))));
    held.forEach(command -> assertEquals(List.of(), outbox.of(command.toolUseId())));
    installed.countDown();
    for (SandboxCommand.RunTool command : held) {
      assertEquals("hi", text(result(command)));
    }
  }

  @Test
  void a_cancel_ends_the_wait_for_packages_and_nothing_runs() throws InterruptedException {
    CountDownLatch waiting = new CountDownLatch(1);
    ToolCalls calls =
        calls((_, cancellation) -> {
          CountDownLatch canceled = new CountDownLatch(1);
          cancellation.onCancel(canceled::countDown);
          waiting.countDown();
          awaitUninterrupted(canceled);
          return new EnvironmentPackages.Outcome.Canceled();
        });
    SandboxCommand.RunTool command = start(calls);
    waiting.await();

    calls.cancel(
        new SandboxCommand.CancelTools(session, List.of(command.toolUseId())),
        "wrkspc_default",
        () -> {});

    ToolResult result = result(command);
    assertEquals(Outcome.CANCELED, result.outcome());
    assertEquals("The call was canceled before it started; nothing ran.", text(result));
    assertEquals(List.of(), outbox.events());
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
