package io.steward.sandbox.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sandbox.shim.Sandbox;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class ProcessDriverTest extends SandboxDriverContract {
  private static final String LOOPS =
      "(while :; do sleep 0.01; done) & setsid bash -c 'while :; do sleep 0.01; done' &"
          + " nohup sleep 985 & disown -a; trap '' HUP TERM; echo begun";

  @Override
  SandboxDriver driver(Path root, SandboxLimits limits, ParentThread parent) {
    return new ProcessDriver(root, limits, parent);
  }

  /// Processes that were started for a session below `directory`.
  private static List<Long> processesOf(Path directory) {
    return ProcessHandle.allProcesses()
        .map(ProcessHandle::pid)
        .filter(pid -> environment(pid).contains(MarkedProcesses.VARIABLE + "=" + directory))
        .toList();
  }

  private static String environment(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/environ"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void background_loops_end_with_their_sandbox() throws IOException {
    Sandbox sandbox = open(session);
    assertEquals("begun\n", output(sandbox, LOOPS));
    assertTrue(processesOf(root).size() > 3);

    sandbox.close();

    assertEquals(List.of(), processesOf(root));
  }

  @Test
  void background_loops_end_when_the_shim_was_killed() throws IOException {
    Sandbox sandbox = open(session);
    assertEquals("begun\n", output(sandbox, LOOPS));

    ProcessHandle.current()
        .children()
        .filter(child -> processesOf(root).contains(child.pid()))
        .forEach(ProcessHandle::destroyForcibly);

    while (sandbox.isAlive() || !processesOf(root).isEmpty()) {
      LockSupport.parkNanos(5_000_000);
      if (Thread.currentThread().isInterrupted()) {
        throw new AssertionError("still running: " + processesOf(root));
      }
    }
  }

  @Test
  void a_shim_whose_service_is_gone_ends_what_it_started() throws Exception {
    Path directory = Files.createDirectory(root.resolve("other"));
    SessionDirectory files = SessionDirectory.of(directory, session);
    files.prepare(OptionalInt.empty());
    files.writeSurroundings(Optional.empty(), Optional.empty(), OptionalInt.empty());
    Process shim = new ProcessBuilder(shim(files)).start();
    Path input = files.control().resolve("calls/1/command");
    Files.createDirectories(input.getParent());
    Files.writeString(input, LOOPS + "; touch begun");
    shim.getOutputStream().write("shell t\nrun t 1\n".getBytes(StandardCharsets.US_ASCII));
    shim.getOutputStream().flush();
    while (Files.notExists(files.workspace().resolve("begun"))) {
      LockSupport.parkNanos(5_000_000);
    }

    shim.getOutputStream().close();

    assertEquals(0, shim.waitFor());
    assertEquals(List.of(), processesOf(directory));
  }

  /// The shim as the driver starts it, for a service that can be gone.
  private static List<String> shim(SessionDirectory files) {
    String control = files.control().toString();
    return List.of(
        "/usr/bin/env",
        "-i",
        "PATH=/usr/bin:/bin",
        "SHIM=1",
        "SHIM_ISOLATED=no",
        "SHIM_CONTROL=" + control,
        "SHIM_WORKSPACE=" + files.workspace(),
        "SHIM_HOME=" + files.home(),
        "SHIM_PROCESSES_MAX=0",
        "SHIM_FILE_KIB_MAX=1000",
        MarkedProcesses.VARIABLE + "=" + files.path() + ":sbx_1",
        "/bin/bash",
        "--noprofile",
        "--norc",
        control + "/shim");
  }

  @Test
  void what_an_earlier_service_left_is_ended_at_start() throws IOException {
    Sandbox sandbox = open(session);
    assertEquals("begun\n", output(sandbox, LOOPS));

    new ProcessDriver(root, LIMITS, parent).endLeftovers();

    assertEquals(List.of(), processesOf(root));
  }
}
