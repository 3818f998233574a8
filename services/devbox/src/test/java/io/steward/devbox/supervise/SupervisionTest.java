package io.steward.devbox.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Real processes, started, killed and stopped.
@Timeout(60)
@EnabledOnOs(OS.LINUX)
class SupervisionTest {
  @TempDir Path temporary;
  private Path directory = Path.of(".");
  private Family family = unset();

  @SuppressWarnings("NullAway") // Replaced before each test.
  private static Family unset() {
    return null;
  }

  @BeforeEach
  void found() throws Exception {
    directory = temporary.toRealPath();
    Files.createDirectories(directory.resolve("run"));
    Files.createDirectories(directory.resolve("logs"));
    family = Family.found(directory, Launch.ofThisMachine(System.getenv()), System.out);
  }

  @AfterEach
  void end() {
    family.stop(List.of(), Duration.ZERO, Duration.ZERO);
  }

  private Supervised add(String name, String script) throws InterruptedException {
    return family.add(
        new Program(
            name,
            List.of(),
            List.of("sh", "-c", script),
            Map.of("PATH", System.getenv("PATH"), family.mark().getKey(), family.mark().getValue()),
            directory,
            Program.StopSignal.TERM));
  }

  private static void until(BooleanSupplier condition) throws InterruptedException {
    long giveUpNanos = System.nanoTime() + Duration.ofSeconds(15).toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < giveUpNanos, "it did not happen within 15 s");
      Thread.sleep(10);
    }
  }

  private long pidInFile(String name) {
    try {
      return Long.parseLong(
          Files.readString(directory.resolve("run").resolve(name + ".pid")).strip());
    } catch (IOException | NumberFormatException e) {
      return -1;
    }
  }

  private static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
  }

  @Test
  void the_pid_file_names_the_program_itself() throws Exception {
    Supervised child = add("sleeper", "exec sleep 985");
    until(() -> pidInFile("sleeper") > 0);
    long pid = pidInFile("sleeper");
    assertEquals(pid, child.pid().orElseThrow());
    until(() -> commandLine(pid).contains("985"));
  }

  private static String commandLine(long pid) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"));
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void a_child_that_is_killed_is_started_again() throws Exception {
    Supervised child = add("sleeper", "exec sleep 984");
    until(() -> pidInFile("sleeper") > 0);
    long first = pidInFile("sleeper");
    ProcessHandle.of(first).orElseThrow().destroyForcibly();
    until(() -> {
      long pid = pidInFile("sleeper"); // The file is gone between the two.
      return pid > 0 && pid != first;
    });
    assertEquals(1, child.ends());
    assertTrue(isAlive(pidInFile("sleeper")));
  }

  @Test
  void a_stopped_family_leaves_nobody_behind_and_starts_nobody_again() throws Exception {
    Supervised stubborn =
        add("stubborn", "trap '' TERM; setsid sleep 983 & while :; do sleep 1; done");
    until(() -> pidInFile("stubborn") > 0);
    long pid = pidInFile("stubborn");
    Thread.sleep(200);
    family.stop(List.of(List.of("stubborn")), Duration.ofMillis(300), Duration.ofMillis(300));
    assertFalse(isAlive(pid));
    assertEquals(0, stubborn.ends());
    assertTrue(new Leftovers(directory, "STEWARD_INSTANCE=" + directory + "#").find().isEmpty());
  }

  @Test
  void a_child_that_ends_at_once_is_started_again_ever_more_slowly() throws Exception {
    Supervised child = add("failing", "echo no; exit 3");
    until(() -> child.ends() >= 3);
    assertEquals("no\nno\nno", child.lastWords());
  }

  @Test
  void when_the_supervisor_is_killed_its_children_and_theirs_end() throws Exception {
    Path other = Files.createDirectory(directory.resolve("other"));
    Files.createDirectories(other.resolve("run"));
    Files.createDirectories(other.resolve("logs"));
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                ParentProgram.class.getName(),
                other.toString())
            .inheritIO()
            .start();
    until(() -> Files.exists(other.resolve("started")) || !parent.isAlive());
    long child = Long.parseLong(Files.readString(other.resolve("run/child.pid")).strip());
    long grandchild = Long.parseLong(Files.readString(other.resolve("grandchild")).strip());
    assertTrue(isAlive(child) && isAlive(grandchild));
    parent.destroyForcibly().waitFor();
    until(() -> !isAlive(child) && !isAlive(grandchild));
  }
}
