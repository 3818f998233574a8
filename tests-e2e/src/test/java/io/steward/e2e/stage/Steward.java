package io.steward.e2e.stage;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// One `./steward dev`: a child process with ports and a data directory of its own.
public final class Steward implements Running {
  /// The names of the child processes, as in `$STEWARD_DATA_DIR/run/<name>.pid`.
  public static final List<String> CHILDREN =
      List.of(
          "kafka", "postgres", "agent-config", "session-log", "harness", "sandbox", "vault-proxy");

  private static final Duration READY_WITHIN = Duration.ofMinutes(3);
  private static final Duration STOPPED_WITHIN = Duration.ofSeconds(10);
  private static final int TAIL_LINES = 40;

  private final Path home;
  private final Map<String, String> settings;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;

  private Steward(Path home, Map<String, String> settings, Process process) {
    this.home = home;
    this.settings = settings;
    this.process = process;
  }

  /// The settings of an instance on free ports with a data directory in `home`. Of the loopback
  /// network only 127.0.0.1 is allowed, where tests have their servers. A worker that was killed
  /// loses its work soon.
  public static Map<String, String> settings(Path home, String modelUrl, String modelKey)
      throws IOException {
    Map<String, String> settings = new TreeMap<>();
    settings.put("STEWARD_PORT", Integer.toString(Ports.free()));
    settings.put("STEWARD_KAFKA_PORT", Integer.toString(Ports.free()));
    settings.put("STEWARD_DATA_DIR", home.resolve("data").toString());
    settings.put("STEWARD_API_KEY", API_KEY);
    settings.put("STEWARD_MODEL_BASE_URL", modelUrl);
    settings.put("STEWARD_MODEL_API_KEY", modelKey);
    settings.put("STEWARD_EGRESS_ALLOWED_ADDRESSES", "127.0.0.1/32");
    settings.put("STEWARD_SESSION_LOG_WORK_LEASE", "6s");
    return settings;
  }

  /// Starts an instance without waiting for it.
  public static Steward launch(Path home, Map<String, String> settings) throws IOException {
    Files.createDirectories(home);
    Path log = home.resolve("steward.log");
    Files.writeString(log, "--- start\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    ProcessBuilder builder =
        new ProcessBuilder(repository().resolve("steward").toString(), "dev")
            .directory(repository().toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().remove("ANTHROPIC_API_KEY");
    builder.environment().putAll(settings);
    return new Steward(home, settings, builder.start());
  }

  /// Starts an instance and waits until it is ready.
  public static Steward start(Path home, Map<String, String> settings) throws Exception {
    Steward steward = launch(home, settings);
    try {
      steward.awaitReady();
    } catch (Exception | AssertionError e) {
      steward.abandon();
      throw e;
    }
    return steward;
  }

  /// The root of the repository under test.
  public static Path repository() {
    return Path.of(System.getProperty("steward.repository", "..")).toAbsolutePath().normalize();
  }

  /// Where the test run keeps its files.
  public static Path target() {
    return Path.of(System.getProperty("steward.e2e.target", "target")).toAbsolutePath();
  }

  @Override
  public String baseUrl() {
    return "http://127.0.0.1:" + settings.get("STEWARD_PORT");
  }

  public String kafkaBootstrap() {
    return "127.0.0.1:" + settings.get("STEWARD_KAFKA_PORT");
  }

  public Path home() {
    return home;
  }

  public Path dataDirectory() {
    return home.resolve("data");
  }

  public Map<String, String> settings() {
    return Map.copyOf(settings);
  }

  public void awaitReady() throws Exception {
    Patience.until(
        READY_WITHIN,
        () -> "Steward is ready\n" + logTail(),
        () -> {
          if (!process.isAlive()) {
            throw new AssertionError("Steward ended with " + process.exitValue() + logTail());
          }
          return isReady();
        });
  }

  public boolean isReady() throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(baseUrl() + "/q/health/ready"))
            .timeout(Duration.ofSeconds(5))
            .build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /// The process id in `run/<name>.pid`.
  public long pid(String name) throws IOException {
    Path file = dataDirectory().resolve("run").resolve(name + ".pid");
    return Long.parseLong(Files.readString(file).strip());
  }

  /// Whether another process than `old` runs under that name. There is no file between the end of a
  /// child and its next start.
  public boolean hasRestarted(String name, long old) throws IOException {
    try {
      return pid(name) != old;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /// The process ids of devbox and of those of its children that run.
  public List<Long> pids() throws IOException {
    List<Long> pids = new ArrayList<>();
    pids.add(pid("devbox"));
    for (String child : CHILDREN) {
      try {
        pids.add(pid(child));
      } catch (NoSuchFileException e) {
        continue; // It has just ended and is about to be started again.
      }
    }
    return pids;
  }

  /// The exit code, waiting for it as long as needed but not for ever.
  public int awaitExit(Duration patience) throws InterruptedException {
    if (!process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw new AssertionError("Steward did not end within " + patience + logTail());
    }
    return process.exitValue();
  }

  @Override
  public void abandon() throws InterruptedException {
    process.destroy();
    awaitExit(STOPPED_WITHIN);
  }

  /// Asks the instance to stop as Ctrl-C does; fails if it takes too long or leaves a process.
  @Override
  public void stop() throws Exception {
    List<Long> pids = pids();
    process.destroy();
    awaitExit(STOPPED_WITHIN);
    List<Long> left = pids.stream().filter(Processes::isRunning).toList();
    List<String> mentioning = Processes.mentioning(dataDirectory().toString());
    if (!left.isEmpty() || !mentioning.isEmpty()) {
      throw new AssertionError("Steward left processes " + left + " " + mentioning + logTail());
    }
  }

  /// Kills devbox with -9 and waits until all of its children have noticed and ended.
  public void kill() throws Exception {
    List<Long> pids = pids();
    Processes.kill(pid("devbox"));
    Patience.until(
        Duration.ofSeconds(30),
        () -> "all children end after devbox: " + describe(pids) + logTail(),
        () -> pids.stream().noneMatch(Processes::isRunning));
    process.destroyForcibly();
    awaitExit(Duration.ofSeconds(10));
  }

  @Override
  public String logTail() {
    StringBuilder tail = new StringBuilder();
    for (Path file : logFiles()) {
      List<String> lines = lines(file);
      tail.append("\n--- ").append(home.relativize(file)).append('\n');
      lines
          .subList(Math.max(0, lines.size() - TAIL_LINES), lines.size())
          .forEach(line -> tail.append(line).append('\n'));
    }
    return tail.toString();
  }

  /// What the instance wrote to its standard output and error.
  public String output() {
    return String.join("\n", lines(home.resolve("steward.log")));
  }

  /// All files the instance logs to: its own output, and one for each child.
  public List<Path> logFiles() {
    List<Path> files = new ArrayList<>(List.of(home.resolve("steward.log")));
    try (Stream<Path> logs = Files.list(dataDirectory().resolve("logs"))) {
      logs.filter(Files::isRegularFile).sorted().forEach(files::add);
    } catch (IOException e) {
      // It did not come so far as to log.
    }
    return files;
  }

  /// Whether something in the data directory has this text in its name.
  public boolean hasFileNamed(String part) throws IOException {
    boolean[] found = {false};
    Files.walkFileTree(
        dataDirectory(),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return visitFile(directory, attributes);
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            found[0] |= file.getFileName().toString().contains(part);
            return found[0] ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }
        });
    return found[0];
  }

  private static List<String> lines(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static String describe(List<Long> pids) {
    return pids.stream().filter(Processes::isRunning).toList() + " still run";
  }
}
