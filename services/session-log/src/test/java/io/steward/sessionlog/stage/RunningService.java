package io.steward.sessionlog.stage;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.json.Json;
import io.steward.stage.Broker;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A replica of the packaged service, in a process of its own.
public final class RunningService implements AutoCloseable {
  /// The API key.
  public static final String KEY = "key";

  private static final Path APPLICATION = Path.of("target/quarkus-app/quarkus-run.jar");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final URI address;
  private final HttpClient http = HttpClient.newHttpClient();

  private RunningService(Process process, URI address) {
    this.process = process;
    this.address = address;
  }

  /// What came back.
  public record Answer(int status, JsonNode body) {
    /// The text at a JSON pointer; empty when there is none.
    public String text(String pointer) {
      return body.at(pointer).asText("");
    }
  }

  /// Begins to start; it is not ready yet.
  ///
  /// @param postgres port of a PostgreSQL with user and database `postgres`
  /// @param kafka address of a broker
  public static RunningService start(
      int postgres, String kafka, Path directory, Map<String, String> settings) throws Exception {
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
    builder
        .environment()
        .putAll(
            Map.of(
                "QUARKUS_HTTP_PORT",
                Integer.toString(port),
                "QUARKUS_DATASOURCE_JDBC_URL",
                "jdbc:postgresql://127.0.0.1:" + postgres + "/postgres",
                "QUARKUS_DATASOURCE_USERNAME",
                "postgres",
                "QUARKUS_DATASOURCE_PASSWORD",
                "postgres",
                "KAFKA_BOOTSTRAP_SERVERS",
                kafka,
                "STEWARD_API_KEY",
                KEY,
                "STEWARD_BLOB_DIR",
                directory.resolve("blobs").toString()));
    builder.environment().putAll(settings);
    return new RunningService(builder.start(), URI.create("http://127.0.0.1:" + port));
  }

  /// Waits until it says that it is ready.
  public RunningService awaitReady() throws Exception {
    long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        if (send("GET", "/q/health/ready", KEY, null).status() == 200) {
          return this;
        }
      } catch (IOException e) {
        if (!process.isAlive()) {
          throw e;
        }
      }
      if (System.nanoTime() - giveUpNanos > 0) {
        throw new AssertionError("the service is not ready");
      }
      Thread.sleep(100);
    }
  }

  /// A request with a credential, and its answer.
  public Answer send(String method, String path, String credential, @Nullable String body)
      throws Exception {
    HttpResponse<String> response =
        http.send(
            request(path, credential)
                .method(
                    method,
                    body == null
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    return new Answer(
        response.statusCode(), Json.tree(response.body().getBytes(StandardCharsets.UTF_8)));
  }

  public Answer get(String path, String credential) throws Exception {
    return send("GET", path, credential, null);
  }

  public Answer post(String path, String credential, @Nullable String body) throws Exception {
    return send("POST", path, credential, body);
  }

  /// An event stream whose headers have come.
  public HttpResponse<InputStream> open(String path, String credential) throws Exception {
    return http.send(request(path, credential).build(), HttpResponse.BodyHandlers.ofInputStream());
  }

  /// An event stream that goes on behind a frame with this id, or the refusal.
  public HttpResponse<InputStream> resume(String path, String credential, String lastEventId)
      throws Exception {
    return http.send(
        request(path, credential).header("last-event-id", lastEventId).build(),
        HttpResponse.BodyHandlers.ofInputStream());
  }

  /// What `/q/metrics` says of a figure without tags.
  public double metric(String name) throws Exception {
    return http.send(request("/q/metrics", KEY).build(), HttpResponse.BodyHandlers.ofString())
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  private HttpRequest.Builder request(String path, String credential) {
    return HttpRequest.newBuilder(address.resolve(path))
        .timeout(PATIENCE)
        .header("authorization", "Bearer " + credential)
        .header("anthropic-worker-id", "worker-of-the-test");
  }
}
