package io.steward.agentconfig.stage;

import io.steward.stage.Broker;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The packaged service in a process of its own.
public final class RunningService implements AutoCloseable {
  private static final Path APPLICATION = Path.of("target/quarkus-app/quarkus-run.jar");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String KEY = "key";

  private final Process process;
  private final URI address;
  private final HttpClient http = HttpClient.newHttpClient();

  private RunningService(Process process, URI address) {
    this.process = process;
    this.address = address;
  }

  /// A service that is ready.
  ///
  /// @param postgres port of a PostgreSQL with user and database `postgres`
  /// @param kafka port of a broker
  public static RunningService start(
      int postgres, int kafka, Path directory, Map<String, String> settings) throws Exception {
    int port = Broker.freePort();
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx160m",
                "-jar",
                APPLICATION.toString())
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(directory.resolve("service.log").toFile()));
    String database = "postgresql://127.0.0.1:" + postgres + "/postgres";
    builder
        .environment()
        .putAll(
            Map.of(
                "QUARKUS_HTTP_PORT",
                Integer.toString(port),
                "QUARKUS_DATASOURCE_REACTIVE_URL",
                database,
                "QUARKUS_DATASOURCE_JDBC_URL",
                "jdbc:" + database,
                "QUARKUS_DATASOURCE_USERNAME",
                "postgres",
                "QUARKUS_DATASOURCE_PASSWORD",
                "postgres",
                "KAFKA_BOOTSTRAP_SERVERS",
                "127.0.0.1:" + kafka,
                "STEWARD_API_KEY",
                KEY,
                "STEWARD_BLOB_DIR",
                directory.resolve("blobs").toString()));
    builder.environment().putAll(settings);
    RunningService service =
        new RunningService(builder.start(), URI.create("http://127.0.0.1:" + port));
    try {
      service.awaitReady();
    } catch (Exception | AssertionError e) {
      service.close();
      throw e;
    }
    return service;
  }

  /// Waits until it says that it is ready.
  public void awaitReady() throws Exception {
    long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        if (send("GET", "/q/health/ready", null).get(10, TimeUnit.SECONDS).statusCode() == 200) {
          return;
        }
      } catch (ExecutionException e) {
        if (!process.isAlive() || !(e.getCause() instanceof IOException)) {
          throw e;
        }
      }
      if (System.nanoTime() - giveUpNanos > 0) {
        throw new AssertionError("the service is not ready");
      }
      Thread.sleep(200);
    }
  }

  /// A request, with the key. It fails when no answer comes within a minute.
  public CompletableFuture<HttpResponse<String>> send(
      String method, String path, @Nullable String body) {
    return http.sendAsync(
        HttpRequest.newBuilder(address.resolve(path))
            .timeout(PATIENCE)
            .header("x-api-key", KEY)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /// Some new environments, all asked for at once.
  ///
  /// @param name theirs, followed by a number
  public List<HttpResponse<String>> createEnvironments(String name, int count) throws Exception {
    return all(
        IntStream.range(0, count)
            .mapToObj(i ->
                send(
                    "POST",
                    "/v1/environments",
                    "{\"name\":\"%s %d\",\"config\":{\"type\":\"cloud\"}}".formatted(name, i)))
            .toList());
  }

  /// The answers to requests that are on their way.
  public static List<HttpResponse<String>> all(List<CompletableFuture<HttpResponse<String>>> sent) {
    return sent.stream().map(CompletableFuture::join).toList();
  }

  /// What `/q/metrics` says of a figure without tags.
  public double metric(String name) throws Exception {
    return send("GET", "/q/metrics", null)
        .get()
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  /// Asks it to end.
  public void terminate() {
    process.destroy();
  }

  /// Whether it ended by itself.
  public boolean hasEnded() throws InterruptedException {
    return process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }
}
