package io.steward.harness.stage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A harness as it is shipped, in a process of its own.
public final class HarnessProcess implements AutoCloseable {
  private static final Path APPLICATION =
      Path.of(System.getProperty("harness.application", "target/quarkus-app/quarkus-run.jar"));
  private static final Pattern MOVED = Pattern.compile("Partitions (came|go): \\[(.+)]");
  private static final Duration END_MAX = Duration.ofMinutes(3);

  private final String name;
  private final Process process;
  private final Path log;
  private final int port;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

  private HarnessProcess(String name, Process process, Path log, int port) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.port = port;
  }

  /// @param options of the virtual machine
  /// @param log where its output goes, after what is there
  static HarnessProcess start(
      String name, List<String> options, Map<String, String> environment, Path log)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-XX:TieredStopAtLevel=1",
            "-Xms16m",
            "-Xmx160m",
            "-Xss512k",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "-Djava.net.preferIPv4Stack=true"));
    command.addAll(options);
    command.addAll(List.of("-jar", APPLICATION.toString()));
    int port = freePort();
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    builder.environment().put("QUARKUS_HTTP_HOST", "127.0.0.1");
    builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
    return new HarnessProcess(name, builder.start(), log, port);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  public String name() {
    return name;
  }

  /// Whether it says that it is ready; not when it does not answer.
  public boolean isReady() {
    try {
      return get("/q/health/ready").statusCode() == 200;
    } catch (IOException _) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// What it shows under that path.
  public HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(2))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  public boolean isRunning() {
    return process.isAlive();
  }

  /// The partitions it has, by its own log.
  public Set<Integer> partitions() {
    Set<Integer> partitions = new TreeSet<>();
    for (String line : lines()) {
      Matcher moved = MOVED.matcher(line);
      if (moved.find()) {
        List<Integer> numbers =
            Stream.of(moved.group(2).split(", ")).map(Integer::valueOf).toList();
        if (moved.group(1).equals("came")) {
          partitions.addAll(numbers);
        } else {
          partitions.removeAll(numbers);
        }
      }
    }
    return partitions;
  }

  private List<String> lines() {
    try {
      return Files.readAllLines(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// How many lines of its log have that text.
  public long logged(String text) {
    return lines().stream().filter(line -> line.contains(text)).count();
  }

  /// Ends it like a lost power supply.
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /// Asks it to end, as Kubernetes does.
  public void terminate() {
    process.destroy();
  }

  /// Waits until it has ended.
  public void awaitEnd() throws InterruptedException {
    if (!process.waitFor(END_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError(name + " did not end within " + END_MAX);
    }
  }

  /// Stops it without its knowing, until [#resume()].
  public void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  public void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String signal) throws IOException, InterruptedException {
    int code =
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
    if (code != 0) {
      throw new IOException("kill -" + signal + " " + name + " ended with " + code);
    }
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
