package io.steward.devbox;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.devbox.program.Service;
import io.steward.schemas.json.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// `./steward status`: whether an instance runs on the data directory, its processes, its
/// readiness.
final class Status {
  private static final int ANSWER_MS_MAX = 3_000;

  private final Path run;

  Status(Path dataDirectory) {
    this.run = dataDirectory.resolve("run");
  }

  /// Prints it.
  ///
  /// @return the exit code: 0 ready, 1 running but not ready, 3 not running
  int print(PrintStream out) {
    OptionalLong devbox = pid("devbox");
    Optional<String> port = read("port");
    if (devbox.isEmpty() || port.isEmpty()) {
      out.println("Steward is not running on " + run.getParent() + ".");
      return 3;
    }
    Map<String, String> readiness = readiness(port.get());
    boolean ready = "UP".equals(readiness.get(""));
    out.printf(
        "Steward is %s: http://127.0.0.1:%s%n", ready ? "ready" : "running, not ready", port.get());
    List<String> names = new ArrayList<>(List.of("devbox", "kafka", "postgres"));
    List.of(Service.values()).forEach(service -> names.add(service.wireName()));
    for (String name : names) {
      OptionalLong pid = pid(name);
      String state = name.equals("devbox") ? "UP" : readiness.getOrDefault(name, "unknown");
      out.printf(
          "  %-13s %-9s %s%n",
          name,
          pid.isPresent() ? Long.toString(pid.getAsLong()) : "-",
          pid.isPresent() ? state : "DOWN");
    }
    return ready ? 0 : 1;
  }

  /// Whether an instance runs, ready or not.
  boolean isRunning() {
    return pid("devbox").isPresent();
  }

  private OptionalLong pid(String name) {
    return read(name + ".pid")
        .filter(text -> text.matches("\\d{1,18}"))
        .map(Long::parseLong)
        .filter(pid -> ProcessHandle.of(pid).isPresent())
        .map(OptionalLong::of)
        .orElse(OptionalLong.empty());
  }

  private Optional<String> read(String name) {
    try {
      return Optional.of(Files.readString(run.resolve(name)).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /// Part to state, and the state of the whole under the empty name.
  private static Map<String, String> readiness(String port) {
    Map<String, String> states = new HashMap<>();
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              URI.create("http://127.0.0.1:" + port + "/q/health/ready").toURL().openConnection();
      connection.setConnectTimeout(ANSWER_MS_MAX);
      connection.setReadTimeout(ANSWER_MS_MAX);
      try (var body =
          connection.getResponseCode() == HttpURLConnection.HTTP_OK
              ? connection.getInputStream()
              : connection.getErrorStream()) {
        JsonNode report = Json.tree(body.readAllBytes());
        states.put("", report.path("status").asText());
        for (JsonNode check : report.path("checks")) {
          states.put(check.path("name").asText(), check.path("status").asText());
        }
      }
    } catch (IOException | UncheckedIOException e) {
      states.put("", "DOWN");
    }
    return states;
  }
}
