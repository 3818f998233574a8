package io.steward.bench.steward;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A `./steward dev` of the bench's own, started as a user would, with free ports and its own data
/// directory. It ends with this process, also when that is interrupted.
public final class Installation implements AutoCloseable {
  /// What clients send.
  public static final String API_KEY = "steward-bench-key-0123456789abcdef";

  /// The processes, as in `$STEWARD_DATA_DIR/run/<name>.pid`.
  public static final List<String> PROCESSES =
      List.of(
          "devbox",
          "agent-config",
          "session-log",
          "harness",
          "sandbox",
          "vault-proxy",
          "kafka",
          "postgres");

  /// Both compilers, as in the images. devbox alone uses the first one.
  private static final String JVM_OPTIONS = "-XX:TieredStopAtLevel=4";

  private static final Duration READY_MAX = Duration.ofMinutes(3);
  private static final Duration STOP_MAX = Duration.ofSeconds(20);
  private static final Duration LOOK = Duration.ofMillis(10);
  private static final int OK = 200;

  private final Path repository;
  private final Path home;
  private final Map<String, String> settings;
  private final HttpClient http = HttpClient.newHttpClient();
  private @Nullable Process process;
  private boolean over;

  private Installation(Path repository, Path home, Map<String, String> settings) {
    this.repository = repository;
    this.home = home;
    this.settings = settings;
  }

  /// Starts one and waits until it is ready.
  ///
  /// @param home a directory for its data and its output
  public static Installation start(Path repository, Path home, String modelUrl, String modelKey)
      throws IOException, InterruptedException {
    Files.createDirectories(home);
    Map<String, String> settings =
        Map.of(
            "STEWARD_PORT",
            Integer.toString(freePort()),
            "STEWARD_KAFKA_PORT",
            Integer.toString(freePort()),
            "STEWARD_DATA_DIR",
            home.resolve("data").toString(),
            "STEWARD_API_KEY",
            API_KEY,
            "STEWARD_MODEL_BASE_URL",
            modelUrl,
            "STEWARD_MODEL_API_KEY",
            modelKey);
    Installation installation = new Installation(repository, home, settings);
    Runtime.getRuntime().addShutdownHook(new Thread(installation::end, "end"));
    try {
      installation.launch();
      installation.awaitReady();
      return installation;
    } catch (IOException | InterruptedException e) {
      installation.close();
      throw e;
    }
  }

  public String baseUrl() {
    return "http://127.0.0.1:" + settings.get("STEWARD_PORT");
  }

  public String kafka() {
    return "127.0.0.1:" + settings.get("STEWARD_KAFKA_PORT");
  }

  /// Where it keeps its data and its output.
  public Path home() {
    return home;
  }

  /// Stops it and starts it again on the same data. Answers how long it took from the start until
  /// it was ready.
  public Duration restart() throws IOException, InterruptedException {
    stop();
    long startNanos = System.nanoTime();
    launch();
    awaitReady();
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  /// The process id of one of [#PROCESSES].
  ///
  /// @throws NoSuchFileException between the end of a process and its next start
  public long pid(String name) throws IOException {
    return Long.parseLong(Files.readString(home.resolve("data/run/" + name + ".pid")).strip());
  }

  /// The process ids of those that run, by name.
  public Map<String, Long> pids() throws IOException {
    Map<String, Long> pids = new LinkedHashMap<>();
    for (String name : PROCESSES) {
      try {
        pids.put(name, pid(name));
      } catch (NoSuchFileException e) {
        continue; // It is just being started again.
      }
    }
    return pids;
  }

  /// Ends the process at once, as `kill -9` does. devbox starts it again.
  public void kill(String name) throws IOException {
    ProcessHandle.of(pid(name)).ifPresent(ProcessHandle::destroyForcibly);
  }

  /// Waits until the whole is ready.
  ///
  /// @throws IOException when it ended, or takes too long
  public void awaitReady() throws IOException, InterruptedException {
    awaitReady(baseUrl(), READY_MAX);
  }

  void awaitReady(String url, Duration patience) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/q/health/ready"))
            .timeout(Duration.ofSeconds(5))
            .build();
    long endNanos = System.nanoTime() + patience.toNanos();
    while (!isOk(request)) {
      boolean runs = running().isPresent();
      if (!runs || System.nanoTime() > endNanos) {
        throw new IOException(
            "%s is not ready%s; its output is in %s"
                .formatted(url, runs ? " after " + patience : ", it ended", home));
      }
      LockSupport.parkNanos(LOOK.toNanos());
    }
  }

  /// Whether it was stopped for good: what fails from then on says nothing.
  public synchronized boolean isOver() {
    return over;
  }

  /// Stops it for good.
  @Override
  public void close() throws InterruptedException {
    giveUp();
    stop();
  }

  /// This process is ending.
  private void end() {
    try {
      close();
      ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// From now on it is not started again.
  private synchronized void giveUp() {
    over = true;
  }

  /// Asks it to stop as Ctrl-C does, and waits.
  private void stop() throws InterruptedException {
    Optional<Process> running = running();
    if (running.isEmpty()) {
      return;
    }
    Process now = running.get();
    now.destroy();
    if (!now.waitFor(STOP_MAX.toNanos(), TimeUnit.NANOSECONDS)) {
      now.descendants().forEach(ProcessHandle::destroyForcibly);
      now.destroyForcibly().waitFor();
    }
  }

  private synchronized Optional<Process> running() {
    return Optional.ofNullable(process).filter(Process::isAlive);
  }

  /// A port nobody listens on right now.
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private boolean isOk(HttpRequest request) throws InterruptedException {
    try {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == OK;
    } catch (IOException e) {
      return false;
    }
  }

  /// Other settings of this process reach it, so that they can be compared.
  private synchronized void launch() throws IOException {
    if (over) {
      throw new IOException("it is not started any more");
    }
    ProcessBuilder builder =
        new ProcessBuilder(repository.resolve("steward").toString(), "dev")
            .directory(repository.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("steward.log").toFile()));
    builder.environment().keySet().removeAll(List.of("ANTHROPIC_API_KEY", "STEWARD_MODELS"));
    builder.environment().putIfAbsent("STEWARD_JVM_OPTIONS", JVM_OPTIONS);
    builder.environment().putAll(settings);
    process = builder.start();
  }
}
