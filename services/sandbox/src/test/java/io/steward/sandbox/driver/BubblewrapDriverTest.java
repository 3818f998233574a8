package io.steward.sandbox.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.steward.sandbox.shim.Cancellation;
import io.steward.sandbox.shim.Sandbox;
import io.steward.sandbox.shim.ShellEnd;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The contract and what only an isolating driver owes.
class BubblewrapDriverTest extends SandboxDriverContract {
  private static final ControlGroups GROUPS = ControlGroups.detect();

  @BeforeAll
  static void needsBubblewrap() {
    assumeTrue(Commands.find("bwrap").isPresent(), "bwrap is not installed");
  }

  @Override
  SandboxDriver driver(Path root, SandboxLimits limits, ParentThread parent) {
    return new BubblewrapDriver(root, limits, parent, GROUPS, List.of());
  }

  @Test
  void the_probe_works_and_leaves_nothing() throws IOException {
    new BubblewrapDriver(root, LIMITS, parent, GROUPS, List.of()).probe();

    try (var left = Files.list(root)) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void a_sandbox_that_cannot_start_says_why() throws IOException {
    SandboxDriver driver =
        new BubblewrapDriver(root, LIMITS, parent, GROUPS, List.of(Path.of("/no/such/directory")));

    IOException refused = assertThrows(IOException.class, () -> driver.open(session));

    assertTrue(refused.toString().contains("/no/such/directory"), refused.toString());
  }

  @Test
  void the_environment_is_its_own() throws IOException {
    String output = output(open(session), "env | cut -d= -f1 | sort | tr '\\n' ' '");

    assertEquals("HOME LANG LOGNAME PATH PWD SHELL SHLVL TERM USER _ ", output);
  }

  @Test
  void no_environment_of_any_process_shows_the_hosts() throws IOException {
    String output =
        output(open(session), "cat /proc/*/environ | tr '\\0' '\\n' | cut -d= -f1 | sort -u");

    for (String name : System.getenv().keySet()) {
      if (!List.of(
              "HOME", "LANG", "LOGNAME", "OLDPWD", "PATH", "PWD", "SHELL", "SHLVL", "TERM", "USER",
              "_")
          .contains(name)) {
        assertFalse(List.of(output.split("\n")).contains(name), name);
      }
    }
  }

  @Test
  void nothing_of_the_host_is_there_but_a_read_only_system() throws IOException {
    Sandbox sandbox = open(session);

    assertEquals(
        "bin dev etc home lib lib64 mnt proc run sbin tmp usr workspace ",
        output(sandbox, "ls / | grep -vE '^lib(32|x32)$' | tr '\\n' ' '"));
    assertEquals(
        "agent session steward ",
        output(sandbox, "echo $(ls /home) $(ls /mnt) $(ls /run) ''").replace("\n", ""));
    assertEquals(
        "denied\n",
        output(sandbox, "touch /x /usr/x /etc/x /dev/x /run/x /run/steward/x 2>&- || echo denied"));
    assertEquals("gone\n", output(sandbox, "cat /etc/shadow 2>&- || echo gone"));
    assertEquals("uid=1000(agent) gid=1000(agent) groups=1000(agent)\n", output(sandbox, "id"));
    assertEquals("sandbox\n", output(sandbox, "cat /proc/sys/kernel/hostname"));
    assertEquals(
        "denied\n", output(sandbox, "(echo x >/proc/sys/kernel/core_pattern) 2>&- || echo denied"));
  }

  @Test
  void only_its_own_processes_exist() throws IOException {
    String output = output(open(session), "cat /proc/[0-9]*/comm | sort");

    assertEquals("", output.replaceAll("(?m)^(bash|bwrap|cat|sort)\n", ""));
  }

  @Test
  void there_is_no_network_but_loopback() throws IOException {
    Sandbox sandbox = open(session);

    assertEquals("lo\n", output(sandbox, "sed 1,2d /proc/net/dev | cut -d: -f1 | tr -d ' '"));
    assertEquals("closed\n", output(sandbox, "(echo >/dev/tcp/127.0.0.1/22) 2>&- || echo closed"));
  }

  @Test
  void no_privilege_can_be_had() throws IOException {
    Sandbox sandbox = open(session);

    assertEquals(
        "0000000000000000\n", output(sandbox, "grep -h Cap /proc/self/status | cut -f2 | sort -u"));
    assertEquals("1\n", output(sandbox, "grep NoNewPrivs /proc/self/status | cut -f2"));
    assertEquals("no\n", output(sandbox, "unshare -Ur true 2>&- || echo no"));
  }

  @Test
  void two_sessions_see_neither_files_nor_processes_of_each_other() throws IOException {
    Sandbox one = open(session);
    Sandbox two = open(SessionId.random(0));
    output(one, "echo secret >/workspace/s; echo secret >/tmp/s; echo secret >~/s; sleep 4711 &");

    assertEquals("", output(two, "ls /workspace /tmp ~ | grep s$ || :"));
    assertEquals("0\n", output(two, countOf("4711")));
    assertEquals("1\n", output(one, countOf("4711")));
  }

  @Test
  void temporary_files_are_limited() throws IOException {
    String output =
        output(open(session), "head -c 60000000 /dev/zero >/tmp/big; stat -c %s /tmp/big");

    assertTrue(output.contains("No space left"), output);
    assertTrue(output.endsWith(LIMITS.tmpBytesMax() + "\n"), output);
  }

  @Test
  void a_file_is_limited() throws IOException {
    Sandbox sandbox = open(session);
    output(sandbox, "yes >big");

    assertEquals(LIMITS.workspaceBytesMax() + "\n", output(sandbox, "stat -c %s big"));
  }

  @Test
  void a_memory_hog_ends_alone() throws IOException {
    assumeTrue(GROUPS.limitsMemory(), "no control group for memory");
    Sandbox hog = open(session);
    Sandbox other = open(SessionId.random(0));

    ShellEnd end =
        hog.run("tail /dev/zero", (_, _, _) -> {}, Duration.ofSeconds(30), new Cancellation());

    assertFalse(end instanceof ShellEnd.TimedOut, end.toString());
    assertEquals("fine\n", output(other, "echo fine"));
  }

  @Test
  void a_fork_bomb_ends_with_its_call() throws IOException {
    Sandbox bomb = open(session);
    Sandbox other = open(SessionId.random(0));
    long start = System.nanoTime();

    ShellEnd end =
        bomb.run(
            "f() { f | f & }; f; sleep 600",
            (_, _, _) -> {},
            Duration.ofSeconds(2),
            new Cancellation());

    assertEquals(new ShellEnd.TimedOut(), end);
    assertTrue(System.nanoTime() - start < 8_000_000_000L);
    assertEquals("fine\n", output(other, "echo fine"));
    String next = bomb.isAlive() ? output(bomb, "echo fine") : "fine\n";
    assertEquals("fine\n", next);
  }

  @Test
  void killing_everything_inside_ends_this_sandbox_only() throws IOException {
    Sandbox suicidal = open(session);
    Sandbox other = open(SessionId.random(0));

    ShellEnd end = suicidal.run("kill -9 -1; sleep 60", (_, _, _) -> {}, LONG, new Cancellation());

    assertTrue(
        end instanceof ShellEnd.SandboxLost || end instanceof ShellEnd.ShellDied, end.toString());
    assertEquals("fine\n", output(other, "echo fine"));
  }

  @Test
  void a_symlink_leads_no_file_tool_to_the_host() throws IOException {
    Path secret = Files.writeString(root.resolve("secret"), "host");
    Sandbox sandbox = open(session);
    output(
        sandbox, "ln -s " + secret + " link; ln -s /etc/passwd etc; ln -s / root; ln -s loop loop");

    for (String path :
        List.of(
            "etc",
            "root/etc/passwd",
            "../etc/passwd",
            "/etc/passwd",
            "/proc/self/environ",
            "/workspace/../run/steward/shim",
            "/dev/zero",
            "/home/agent/x")) {
      assertTrue(answer(fetch(sandbox, path)).startsWith("error\0outside\0"), path);
    }
    for (String path : List.of("link", secret.toString(), "loop", "loop/x")) {
      assertTrue(answer(fetch(sandbox, path)).startsWith("error\0"), path);
    }
  }

  @Test
  void cold_start_and_commands_are_quick() throws IOException {
    long start = System.nanoTime();
    Sandbox sandbox = open(session);
    output(sandbox, "true");
    long opened = System.nanoTime();
    int commands = 50;
    for (int i = 0; i < commands; i++) {
      output(sandbox, "true");
    }
    long executed = System.nanoTime();
    for (int i = 0; i < commands; i++) {
      fetch(sandbox, "none");
    }
    long fetched = System.nanoTime();

    System.out.printf(
        "sandbox: cold start and first command %.1f ms, command %.2f ms, file tool %.2f ms%n",
        (opened - start) / 1e6,
        (executed - opened) / 1e6 / commands,
        (fetched - executed) / 1e6 / commands);
    assertTrue(opened - start < 5_000_000_000L);
  }

  @Test
  void many_sessions_run_at_once() throws Exception {
    List<CompletableFuture<String>> all =
        java.util.stream.IntStream.range(0, 60)
            .mapToObj(i ->
                CompletableFuture.supplyAsync(
                    () -> outputOfNew("sleep 0.5; echo " + i),
                    task -> Thread.ofVirtual().start(task)))
            .toList();

    for (int i = 0; i < all.size(); i++) {
      assertEquals(i + "\n", all.get(i).get());
    }
  }

  private synchronized Sandbox openNew() {
    try {
      return open(SessionId.random(0));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private String outputOfNew(String command) {
    return output(openNew(), command);
  }
}
