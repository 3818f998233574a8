package io.steward.e2e.worker;

import io.steward.e2e.stage.NodeSdk;
import io.steward.e2e.stage.Stage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A process in which the SDK's `EnvironmentWorker` serves an environment, one session at a time.
final class Worker implements AutoCloseable {
  /// Its exit code when its key was refused.
  static final int REFUSED = 3;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Process process;
  private final Path log;

  private Worker(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /// @param directory where its tools run; what it prints is in a file beside it
  static Worker start(
      Stage stage, NodeSdk sdk, String environmentId, String key, String name, Path directory)
      throws Exception {
    Files.createDirectories(directory);
    Path log = directory.resolveSibling(name + ".log");
    Map<String, String> environment =
        Map.of(
            "STEWARD_URL",
            stage.steward().baseUrl(),
            "ENVIRONMENT_ID",
            environmentId,
            "ENVIRONMENT_KEY",
            key,
            "WORKER_ID",
            name,
            "WORKDIR",
            directory.toString());
    return new Worker(sdk.start("worker.mjs", environment, log), log);
  }

  /// Kills it with -9, then the commands it left behind.
  void kill() throws InterruptedException {
    List<ProcessHandle> commands = process.descendants().toList();
    process.destroyForcibly().waitFor();
    commands.forEach(ProcessHandle::destroyForcibly);
  }

  /// Its exit code, waiting for its end.
  int awaitExit() throws InterruptedException {
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("the worker still runs\n" + output());
    }
    return process.exitValue();
  }

  String output() {
    try {
      return Files.readString(log, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
