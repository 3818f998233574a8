package io.steward.devbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.devbox.settings.Secret;
import io.steward.schemas.json.Json;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// A short life of an instance, so that the training run loads what a real one loads: an agent, an
/// environment, a session with one command, its events. Nothing is checked here; what a service
/// does not answer is left out.
final class Exercise {
  private static final Duration TURN_MAX = Duration.ofSeconds(20);

  private final int port;
  private final Secret key;

  Exercise(int port, Secret key) {
    this.port = port;
    this.key = key;
  }

  void run() throws IOException, InterruptedException {
    call("GET", "/v1/models", "");
    call("GET", "/v1/agents?limit=1", "");
    call("GET", "/v1/vaults", "");
    String agent =
        call(
                "POST",
                "/v1/agents",
                "{\"name\":\"training\",\"model\":\"demo\",\"tools\":[{\"type\":\"agent_toolset_20260401\"}]}")
            .path("id")
            .asText();
    String environment =
        call("POST", "/v1/environments", "{\"name\":\"training\",\"config\":{\"type\":\"cloud\"}}")
            .path("id")
            .asText();
    String session =
        call(
                "POST",
                "/v1/sessions",
                "{\"agent\":\"" + agent + "\",\"environment_id\":\"" + environment + "\"}")
            .path("id")
            .asText();
    if (session.isEmpty()) {
      return;
    }
    call(
        "POST",
        "/v1/sessions/" + session + "/events",
        "{\"events\":[{\"type\":\"user.message\",\"content\":[{\"type\":\"text\",\"text\":\"$ true\"}]}]}");
    long giveUpNanos = System.nanoTime() + TURN_MAX.toNanos();
    do {
      Thread.sleep(200);
    } while (!call("GET", "/v1/sessions/" + session, "").path("status").asText().equals("idle")
        && System.nanoTime() < giveUpNanos);
    call("GET", "/v1/sessions/" + session + "/events", "");
    call("GET", "/v1/sessions", "");
  }

  private JsonNode call(String method, String path, String body) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
    connection.setRequestMethod(method);
    connection.setConnectTimeout(2_000);
    connection.setReadTimeout((int) TURN_MAX.toMillis());
    connection.setRequestProperty("x-api-key", key.value());
    if (!body.isEmpty()) {
      connection.setDoOutput(true);
      connection.setRequestProperty("content-type", "application/json");
      try (var out = connection.getOutputStream()) {
        out.write(body.getBytes(StandardCharsets.UTF_8));
      }
    }
    try (var in =
        connection.getResponseCode() < HttpURLConnection.HTTP_BAD_REQUEST
            ? connection.getInputStream()
            : connection.getErrorStream()) {
      return in == null ? JsonNodeFactory.instance.objectNode() : Json.tree(in.readAllBytes());
    }
  }
}
