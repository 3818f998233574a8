package io.steward.sandbox.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sandbox.shim.Cancellation;
import io.steward.sandbox.shim.HelperEnd;
import io.steward.sandbox.shim.Sandbox;
import io.steward.sandbox.shim.ShellEnd;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// What every driver with real sandboxes owes. Each test runs real commands.
@Timeout(60)
abstract class SandboxDriverContract {
  static final Duration LONG = Duration.ofSeconds(30);
  static final SandboxLimits LIMITS =
      new SandboxLimits(256L << 20, 128, 64L << 20, 32L << 20, Duration.ofSeconds(3));

  @TempDir(cleanup = CleanupMode.NEVER)
  Path root;

  final ParentThread parent = new ParentThread();
  final SessionId session = SessionId.random(0);
  private final List<Sandbox> opened = new ArrayList<>();
  private Mirror mirror = Mirror.NONE;
  private SandboxDriver driver = new NoneDriver("not made yet");

  abstract SandboxDriver driver(Path root, SandboxLimits limits, ParentThread parent);

  @BeforeEach
  void makeDriver() {
    driver = driver(root, LIMITS, parent);
  }

  @AfterEach
  void closeAll() throws IOException {
    opened.forEach(Sandbox::close);
    parent.close();
    Trees.remove(root);
  }

  final Sandbox open(SessionId id) throws IOException {
    SandboxDriver.Opening.Opened opening =
        assertInstanceOf(SandboxDriver.Opening.Opened.class, driver.open(id));
    mirror = opening.mirror();
    opened.add(opening.sandbox());
    return opening.sandbox();
  }

  static String output(Sandbox sandbox, String command) {
    CapturedOutput output = new CapturedOutput();
    ShellEnd end = sandbox.run(command, output, LONG, new Cancellation());
    return output.text() + (end.equals(new ShellEnd.Exited(0)) ? "" : end);
  }

  @Test
  void output_and_errors_come_merged_and_in_order() throws IOException {
    Sandbox sandbox = open(session);

    String output = output(sandbox, "echo a; echo b >&2; echo c >/dev/stderr; echo d >/dev/stdout");

    assertEquals("a\nb\nc\nd\n", output);
  }

  @Test
  void the_exit_code_is_told() throws IOException {
    Sandbox sandbox = open(session);

    ShellEnd end = sandbox.run("(exit 7)", (_, _, _) -> {}, LONG, new Cancellation());

    assertEquals(new ShellEnd.Exited(7), end);
  }

  @Test
  void the_shell_keeps_directory_variables_functions_and_jobs() throws IOException {
    Sandbox sandbox = open(session);
    output(sandbox, "mkdir -p d && cd d; export A=1; B='x y'; f() { echo f$1; }; sleep 60 &");

    String output = output(sandbox, "basename $PWD; echo $A $B; f 2; jobs -p | wc -l");

    assertEquals("d\n1 x y\nf2\n1\n", output);
  }

  @Test
  void standard_input_is_empty() throws IOException {
    assertEquals("0\n", output(open(session), "cat | wc -c"));
  }

  @Test
  void a_background_job_does_not_hold_up_its_command() throws IOException {
    Sandbox sandbox = open(session);
    long start = System.nanoTime();

    String output = output(sandbox, "sleep 20 & echo started");

    assertEquals("started\n", output);
    assertTrue(System.nanoTime() - start < 5_000_000_000L);
  }

  @Test
  void commands_of_any_form_leave_the_shell_usable() throws IOException {
    Sandbox sandbox = open(session);
    for (String command :
        List.of(
            "if",
            "echo 'open",
            "break",
            "return",
            "exec >lost",
            "set -u; echo $none",
            "alias a=b",
            "PATH=",
            "cd /",
            "trap 'echo t' DEBUG",
            "read x",
            "IFS=x",
            "printf '\\0steward:x\\0'",
            "# only a comment",
            "",
            "cat <<'X'\nlines\nX")) {
      output(sandbox, command);
    }

    String output = output(sandbox, "trap - DEBUG; echo fine; pwd");

    assertTrue(output.endsWith("fine\n/\n"), output);
  }

  @Test
  void exit_ends_the_shell_and_the_next_command_gets_a_new_one() throws IOException {
    Sandbox sandbox = open(session);
    output(sandbox, "A=1");

    ShellEnd end = sandbox.run("exit 3", (_, _, _) -> {}, LONG, new Cancellation());

    assertEquals(new ShellEnd.ShellDied(3), end);
    assertEquals("new\n", output(sandbox, "echo ${A:-new}"));
  }

  @Test
  void a_command_that_takes_too_long_is_stopped_with_all_it_started() throws IOException {
    Sandbox sandbox = open(session);

    ShellEnd end =
        sandbox.run(
            "setsid sleep 4242 & timeout 900 sleep 4243",
            (_, _, _) -> {},
            Duration.ofMillis(300),
            new Cancellation());

    assertEquals(new ShellEnd.TimedOut(), end);
    assertTrue(sandbox.isAlive());
    assertEquals("0\n", output(sandbox, countOf("424[23]")));
  }

  @Test
  void a_cancel_stops_a_command_within_a_second_and_keeps_its_output() throws Exception {
    Sandbox sandbox = open(session);
    Cancellation cancellation = new Cancellation();
    CapturedOutput output = new CapturedOutput();
    CompletableFuture<ShellEnd> end =
        CompletableFuture.supplyAsync(
            () -> sandbox.run("echo begun; sleep 600", output, LONG, cancellation));
    while (output.text().isEmpty()) {
      Thread.sleep(5);
    }

    long start = System.nanoTime();
    cancellation.cancel();

    assertEquals(new ShellEnd.Canceled(), end.get());
    assertTrue(System.nanoTime() - start < 1_000_000_000L);
    assertEquals("begun\n", output.text());
    assertTrue(sandbox.isAlive());
  }

  @Test
  void large_output_streams_through() throws IOException {
    Sandbox sandbox = open(session);
    long[] bytes = new long[1];

    ShellEnd end =
        sandbox.run(
            "head -c 50000000 /dev/zero",
            (_, _, length) -> bytes[0] += length,
            LONG,
            new Cancellation());

    assertEquals(new ShellEnd.Exited(0), end);
    assertEquals(50_000_000, bytes[0]);
  }

  @Test
  void a_large_command_arrives_whole() throws IOException {
    String text = "x".repeat(2_000_000);

    assertEquals("2000001\n", output(open(session), "wc -c <<'END'\n" + text + "\nEND"));
  }

  @Test
  void file_tools_run_beside_a_command_and_each_other() throws Exception {
    Sandbox sandbox = open(session);
    output(sandbox, "for i in $(seq 8); do head -c 100000 /dev/zero | tr '\\0' $i >f$i; done");
    Cancellation cancellation = new Cancellation();
    var command =
        CompletableFuture.supplyAsync(
            () -> sandbox.run("sleep 600", (_, _, _) -> {}, LONG, cancellation));

    List<CompletableFuture<HelperEnd>> fetches =
        IntStream.rangeClosed(1, 8)
            .mapToObj(i -> CompletableFuture.supplyAsync(() -> fetch(sandbox, "f" + i)))
            .toList();

    for (int i = 1; i <= 8; i++) {
      String answer = answer(fetches.get(i - 1).get());
      assertEquals("ok\0" + "100000\0" + Integer.toString(i).repeat(100_000), answer);
    }
    cancellation.cancel();
    assertEquals(new ShellEnd.Canceled(), command.get());
  }

  @Test
  void a_hostile_name_reaches_a_file_tool_unharmed() throws IOException {
    Sandbox sandbox = open(session);
    String name = "-a b\n'\"$(touch pwned)`*é";
    HelperEnd stored =
        sandbox.help(
            "store", Map.of("path", bytes(name), "content", bytes("x")), LONG, new Cancellation());

    assertEquals("ok\0", answer(stored));
    assertEquals("ok\0" + "1\0x", answer(fetch(sandbox, name)));
    assertEquals(
        "1\n",
        output(sandbox, "ls -A | tr '\\n' ' ' | grep -c pwned.*é; ls pwned 2>&-").substring(0, 2));
  }

  @Test
  void a_closed_sandbox_says_that_it_is_lost() throws Exception {
    Sandbox sandbox = open(session);
    var running =
        CompletableFuture.supplyAsync(
            () -> sandbox.run("sleep 600", (_, _, _) -> {}, LONG, new Cancellation()));
    Thread.sleep(200);

    sandbox.end("it was idle");

    assertEquals(new ShellEnd.SandboxLost("it was idle"), running.get());
    assertFalse(sandbox.isAlive());
    assertInstanceOf(
        ShellEnd.SandboxLost.class, sandbox.run("true", (_, _, _) -> {}, LONG, new Cancellation()));
  }

  @Test
  void the_workspace_comes_back_in_the_next_sandbox() throws IOException {
    Sandbox first = open(session);
    output(first, "echo kept >file; mkdir -m 000 closed");
    mirror.pull(Duration.ZERO);
    first.close();

    Sandbox second = open(session);

    assertEquals("kept\n", output(second, "cat file"));
    assertFalse(first.incarnation().equals(second.incarnation()));
  }

  static HelperEnd fetch(Sandbox sandbox, String path) {
    return sandbox.help(
        "fetch",
        Map.of(
            "path", bytes(path), "limit", bytes("262144"), "from", bytes(""), "count", bytes("")),
        LONG,
        new Cancellation());
  }

  static String answer(HelperEnd end) {
    return new String(
        assertInstanceOf(HelperEnd.Answered.class, end).answer(), StandardCharsets.UTF_8);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// A command that counts the processes whose last argument matches.
  static String countOf(String pattern) {
    return "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -c '^"
        + pattern
        + "$' || :";
  }
}
