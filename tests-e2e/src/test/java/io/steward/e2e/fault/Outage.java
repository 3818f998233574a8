package io.steward.e2e.fault;

import io.steward.e2e.model.ScriptedModel;
import io.steward.e2e.stage.Processes;
import io.steward.e2e.stage.Steward;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Something Steward needs is away from the making of this until it is closed.
interface Outage extends AutoCloseable {
  @Override
  void close() throws Exception;

  /// The process is killed as often as the supervisor starts it: connections are refused.
  static Outage dead(Steward steward, String child) {
    Thread killer =
        Thread.ofPlatform().daemon().name("kills " + child).start(() -> killAll(steward, child));
    return () -> {
      killer.interrupt();
      killer.join();
    };
  }

  /// The process and all of its own stand still: connections are accepted and nothing is answered.
  static Outage hung(Steward steward, String child) throws Exception {
    List<Long> pids = new ArrayList<>();
    long pid = steward.pid(child);
    pids.add(pid);
    ProcessHandle.of(pid)
        .ifPresent(parent -> parent.descendants().map(ProcessHandle::pid).forEach(pids::add));
    signal("STOP", pids);
    return () -> signal("CONT", pids);
  }

  /// The directory is not there, and cannot be made.
  static Outage moved(Path directory) throws IOException {
    Path aside = directory.resolveSibling(directory.getFileName() + ".aside");
    Files.move(directory, aside);
    Files.createFile(directory);
    return () -> {
      Files.delete(directory);
      Files.move(aside, directory);
    };
  }

  /// The model breaks every connection.
  static Outage silent(ScriptedModel model) {
    model.away(true);
    return () -> model.away(false);
  }

  private static void killAll(Steward steward, String child) {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Processes.kill(steward.pid(child));
      } catch (NoSuchFileException e) {
        // It has not been started again yet.
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  private static void signal(String name, List<Long> pids) throws Exception {
    List<String> command = new ArrayList<>(List.of("kill", "-" + name));
    pids.stream().filter(Processes::isRunning).map(String::valueOf).forEach(command::add);
    new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
