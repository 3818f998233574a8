package io.steward.bench.steward;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Further harness instances beside the one of `./steward dev`: the same command and environment,
/// read from the running process, on another port. They share its group, so its partitions.
public final class MoreHarnesses implements AutoCloseable {
  private static final Duration READY_MAX = Duration.ofMinutes(1);
  private static final Duration STOP_MAX = Duration.ofSeconds(15);

  private final Installation installation;
  private final List<Process> started = new ArrayList<>();

  public MoreHarnesses(Installation installation) {
    this.installation = installation;
  }

  /// Starts one more and waits until it has partitions.
  public void start() throws IOException, InterruptedException {
    Path proc = Path.of("/proc", Long.toString(installation.pid("harness")));
    int port = Installation.freePort();
    String name = "harness-" + (started.size() + 2);
    ProcessBuilder builder =
        new ProcessBuilder(words(proc.resolve("cmdline")))
            .directory(proc.resolve("cwd").toRealPath().toFile())
            .redirectErrorStream(true)
            .redirectOutput(installation.home().resolve(name + ".log").toFile());
    Map<String, String> environment = builder.environment();
    environment.clear();
    for (String entry : words(proc.resolve("environ"))) {
      int equals = entry.indexOf('=');
      environment.put(entry.substring(0, equals), entry.substring(equals + 1));
    }
    environment.put("QUARKUS_HTTP_PORT", Integer.toString(port));
    // Without a name of its own it leaves the group when it ends, and its partitions move at once.
    environment.remove("STEWARD_KAFKA_INSTANCE");
    started.add(builder.start());
    installation.awaitReady("http://127.0.0.1:" + port, READY_MAX);
  }

  /// Their process ids by name.
  public Map<String, Long> pids() {
    Map<String, Long> pids = new LinkedHashMap<>();
    for (int i = 0; i < started.size(); i++) {
      pids.put("harness-" + (i + 2), started.get(i).pid());
    }
    return pids;
  }

  @Override
  public void close() throws InterruptedException {
    started.forEach(Process::destroy);
    for (Process process : started) {
      if (!process.waitFor(STOP_MAX.toNanos(), TimeUnit.NANOSECONDS)) {
        process.destroyForcibly().waitFor();
      }
    }
    started.clear();
  }

  /// What a file of `/proc` holds, ended by NUL each.
  private static List<String> words(Path file) throws IOException {
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    return List.of(text.split("\0")).stream().filter(word -> !word.isEmpty()).toList();
  }
}
