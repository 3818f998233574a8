package io.steward.e2e.metric;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// A Prometheus of its own that scrapes every second.
final class PrometheusServer implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final String url;
  private final Path log;
  private final HttpClient http = HttpClient.newHttpClient();

  private PrometheusServer(Process process, String url, Path log) {
    this.process = process;
    this.url = url;
    this.log = log;
  }

  /// Whether the program is on this machine.
  static boolean isInstalled() throws InterruptedException {
    try {
      return new ProcessBuilder("prometheus", "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /// @param home an empty directory
  /// @param targets ports of services by their names
  /// @param rules a file with alerts
  static PrometheusServer start(Path home, Map<String, Integer> targets, Path rules)
      throws Exception {
    Files.createDirectories(home);
    String scraped =
        targets.entrySet().stream()
            .map(target ->
                "      - targets: ['127.0.0.1:%d']\n        labels: {service: %s}\n"
                    .formatted(target.getValue(), target.getKey()))
            .collect(Collectors.joining());
    Path configuration = home.resolve("prometheus.yml");
    Files.writeString(
        configuration,
        """
        global: {scrape_interval: 1s, evaluation_interval: 5s}
        rule_files: ['%s']
        scrape_configs:
          - job_name: steward
            metrics_path: /q/metrics
            static_configs:
        %s\
        """
            .formatted(rules, scraped));
    String address = "127.0.0.1:" + Ports.free();
    Path log = home.resolve("prometheus.log");
    Process process =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + configuration,
                "--storage.tsdb.path=" + home.resolve("data"),
                "--web.listen-address=" + address)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    PrometheusServer server = new PrometheusServer(process, "http://" + address, log);
    try {
      Patience.until(READY_WITHIN, server::log, server::isReady);
    } catch (Exception | AssertionError e) {
      server.close();
      throw e;
    }
    return server;
  }

  private boolean isReady() throws InterruptedException {
    if (!process.isAlive()) {
      throw new AssertionError("Prometheus ended: " + log());
    }
    try {
      return send("/-/ready").statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return "without a log: " + e;
    }
  }

  /// Whether the query finds a number now.
  ///
  /// @throws AssertionError when it is no query
  boolean finds(String query) throws Exception {
    JsonNode found = get("/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
    for (JsonNode sample : found.path("result")) {
      if (!sample.at("/value/1").asText().equals("NaN")) {
        return true;
      }
    }
    return false;
  }

  /// What the API says under `data`.
  JsonNode get(String path) throws Exception {
    HttpResponse<String> answer = send(path);
    if (answer.statusCode() != 200) {
      throw new AssertionError(path + ": " + answer.statusCode() + " " + answer.body());
    }
    return JSON.readTree(answer.body()).path("data");
  }

  private HttpResponse<String> send(String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(20)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
