package io.steward.sandbox.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sandbox.shim.Cancellation;
import io.steward.sandbox.shim.Recalled;
import io.steward.sandbox.shim.Sandbox;
import io.steward.sandbox.shim.SandboxDetachedException;
import io.steward.sandbox.shim.ShellEnd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/// The contract, and what a sandbox that is reached by connections only owes beyond it.
class RemoteDriverTest extends SandboxDriverContract {
  private RemoteDriver remote = new RemoteDriver(Path.of("here"), Path.of("elsewhere"), LIMITS);

  @Override
  SandboxDriver driver(Path root, SandboxLimits limits, ParentThread parent) {
    remote = new RemoteDriver(root.resolve("here"), root.resolve("elsewhere"), limits);
    return remote;
  }

  /// Another life of the service.
  private RemoteDriver another() {
    return new RemoteDriver(root.resolve("here2"), root.resolve("elsewhere"), LIMITS);
  }

  private Path inside(String name) {
    return remote.places(remote.incarnation(session)).workspace().resolve(name);
  }

  private static void await(Path path) {
    while (Files.notExists(path)) {
      if (Thread.currentThread().isInterrupted()) {
        throw new AssertionError("it did not come in time: " + path);
      }
      LockSupport.parkNanos(5_000_000);
    }
  }

  private CompletableFuture<ShellEnd> start(
      Sandbox sandbox, String call, String command, CapturedOutput output) {
    return CompletableFuture.supplyAsync(
        () -> sandbox.run(call, command, output, LONG, new Cancellation()));
  }

  private Sandbox reattached(RemoteDriver driver) throws IOException {
    Optional<SandboxDriver.Opening.Opened> opened =
        driver.reattach(session, remote.incarnation(session));
    return opened.orElseThrow().sandbox();
  }

  @Test
  void nothing_is_lost_or_doubled_when_connections_break() throws Exception {
    Sandbox sandbox = open(session);
    CapturedOutput output = new CapturedOutput();
    CompletableFuture<ShellEnd> end =
        start(
            sandbox,
            "call",
            "for i in {1..3000}; do echo $i; done; touch half; until [ -e go ]; do sleep 0.02; done;"
                + " for i in {3001..6000}; do echo $i; done",
            output);
    await(inside("half"));

    remote.breakConnections();
    Files.createFile(inside("go"));
    CompletableFuture<String> other =
        CompletableFuture.supplyAsync(() -> answer(fetch(sandbox, "half")));
    remote.breakConnections();

    assertEquals(new ShellEnd.Exited(0), end.get());
    StringBuilder expected = new StringBuilder();
    for (int i = 1; i <= 6000; i++) {
      expected.append(i).append('\n');
    }
    assertEquals(expected.toString(), output.text());
    assertEquals("ok\0" + "0\0", other.get());
  }

  @Test
  void a_command_is_picked_up_with_all_its_output() throws Exception {
    Sandbox first = open(session);
    output(first, "A=kept");
    CompletableFuture<ShellEnd> lost =
        start(
            first,
            "call",
            "echo begun; touch begun; until [ -e go ]; do sleep 0.02; done; echo $A; (exit 7)",
            new CapturedOutput());
    await(inside("begun"));
    remote.cut();
    RemoteDriver next = another();

    Sandbox sandbox = reattached(next);
    Recalled.Command command =
        assertInstanceOf(Recalled.Command.class, sandbox.recall("call", LONG));
    Files.createFile(inside("go"));
    CapturedOutput output = new CapturedOutput();
    ShellEnd end = sandbox.await("call", command, output, LONG, new Cancellation());

    assertEquals(new ShellEnd.Exited(7), end);
    assertEquals("begun\nkept\n", output.text());
    assertEquals(LONG, command.timeout());
    assertFalse(lost.isDone());
    assertEquals("kept\n", output(sandbox, "echo $A"));
    next.lose(remote.incarnation(session));
    first.close();
  }

  @Test
  void a_command_that_ended_while_nobody_was_there_is_remembered_until_it_is_forgotten()
      throws Exception {
    Sandbox first = open(session);
    var _ = start(first, "call", "echo out; touch ended", new CapturedOutput());
    await(inside("ended"));
    remote.cut();

    RemoteDriver next = another();
    Sandbox sandbox = reattached(next);
    Recalled.Command command =
        assertInstanceOf(Recalled.Command.class, sandbox.recall("call", LONG));
    CapturedOutput output = new CapturedOutput();

    assertEquals(
        new ShellEnd.Exited(0), sandbox.await("call", command, output, LONG, new Cancellation()));
    assertEquals("out\n", output.text());
    sandbox.forget("call");
    assertEquals("", output(sandbox, "true"));
    assertEquals(new Recalled.Never(), sandbox.recall("call", LONG));
    next.lose(remote.incarnation(session));
    first.close();
  }

  @Test
  void a_call_that_never_arrived_never_runs() throws Exception {
    Sandbox first = open(session);
    remote.cut();
    RemoteDriver next = another();

    Sandbox sandbox = reattached(next);

    assertEquals(new Recalled.Never(), sandbox.recall("call", LONG));
    assertEquals(new Recalled.Never(), sandbox.recall("call", LONG));
    sandbox.listen();
    ShellEnd end =
        sandbox.run(
            "call", "touch ran", (_, _, _) -> {}, Duration.ofMillis(500), new Cancellation());
    assertEquals(new ShellEnd.TimedOut(), end);
    assertTrue(Files.notExists(inside("ran")));
    next.lose(remote.incarnation(session));
    first.close();
  }

  @Test
  void a_file_that_was_written_is_remembered_with_its_note() throws Exception {
    Sandbox first = open(session);
    String stored =
        answer(
            first.help(
                "call.2",
                "store",
                Map.of("path", bytes("f"), "content", bytes("x"), "note", bytes("a note é")),
                LONG,
                new Cancellation()));
    remote.cut();
    RemoteDriver next = another();

    Sandbox sandbox = reattached(next);
    Recalled.Stored recalled =
        assertInstanceOf(Recalled.Stored.class, sandbox.recall("call", LONG));

    assertEquals("ok\0", stored);
    assertEquals("a note é", recalled.note());
    assertEquals("ok\0", new String(recalled.answer(), StandardCharsets.UTF_8));
    next.lose(remote.incarnation(session));
    first.close();
  }

  @Test
  void who_is_taken_over_lets_go_and_ends_nothing() throws Exception {
    Sandbox first = open(session);
    CapturedOutput heard = new CapturedOutput();
    CompletableFuture<ShellEnd> waiting =
        start(first, "call", "touch begun; until [ -e go ]; do sleep 0.02; done; echo done", heard);
    await(inside("begun"));
    RemoteDriver next = another();

    Sandbox sandbox = reattached(next);
    Recalled.Command command =
        assertInstanceOf(Recalled.Command.class, sandbox.recall("call", LONG));

    ExecutionException failure = assertThrows(ExecutionException.class, waiting::get);
    assertInstanceOf(SandboxDetachedException.class, failure.getCause());
    assertFalse(first.isAlive());
    Files.createFile(inside("go"));
    CapturedOutput output = new CapturedOutput();
    assertEquals(
        new ShellEnd.Exited(0), sandbox.await("call", command, output, LONG, new Cancellation()));
    assertEquals("done\n", output.text());
    sandbox.close();
  }

  @Test
  void a_flood_while_nobody_reads_is_bounded_and_keeps_both_ends() throws Exception {
    Sandbox first = open(session);
    var _ =
        start(
            first,
            "call",
            "echo first; touch begun; until [ -e go ]; do sleep 0.02; done;"
                + " head -c 40000000 /dev/zero; echo; echo last; touch ended",
            new CapturedOutput());
    await(inside("begun"));
    remote.cut();
    Files.createFile(inside("go"));
    await(inside("ended"));

    RemoteDriver next = another();
    Sandbox sandbox = reattached(next);
    Recalled.Command command =
        assertInstanceOf(Recalled.Command.class, sandbox.recall("call", LONG));
    CapturedOutput output = new CapturedOutput();

    assertEquals(
        new ShellEnd.Exited(0), sandbox.await("call", command, output, LONG, new Cancellation()));
    assertTrue(output.text().startsWith("first\n"), () -> "the start is missing");
    assertTrue(output.text().endsWith("\nlast\n"), () -> "the end is missing");
    assertTrue(output.text().contains(" bytes of output are missing: nobody took them in time]"));
    assertTrue(output.text().length() < 12_000_000, () -> "" + output.text().length());
    next.lose(remote.incarnation(session));
    first.close();
  }

  @Test
  void a_sandbox_that_is_gone_cannot_be_taken_over() throws Exception {
    Sandbox first = open(session);
    String incarnation = remote.incarnation(session);
    remote.lose(incarnation);

    assertEquals(Optional.empty(), another().reattach(session, incarnation));
    first.close();
  }

  @Test
  void a_lost_machine_ends_its_calls_with_the_reason() throws Exception {
    Sandbox sandbox = open(session);
    CompletableFuture<ShellEnd> end =
        start(sandbox, "call", "touch begun; sleep 60", new CapturedOutput());
    await(inside("begun"));

    remote.lose(remote.incarnation(session));

    assertEquals(new ShellEnd.SandboxLost("its machine was lost"), end.get());
  }
}
