package io.steward.bench.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/// The calls the bench makes, over connections that are kept.
public final class Api {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration ANSWER_MAX = Duration.ofSeconds(60);
  private static final int OK = 200;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String baseUrl;
  private final String key;

  /// @param baseUrl without a slash at its end
  public Api(String baseUrl, String key) {
    this.baseUrl = baseUrl;
    this.key = key;
  }

  /// The id of a new environment.
  public String createEnvironment() throws IOException, InterruptedException {
    return create("/v1/environments", JSON.createObjectNode().put("name", "bench"));
  }

  /// The id of a new agent.
  ///
  /// @param model a model of the catalog
  /// @param tools whether it has the built-in tools
  public String createAgent(String model, boolean tools) throws IOException, InterruptedException {
    ObjectNode body = JSON.createObjectNode().put("name", "bench").put("model", model);
    if (tools) {
      body.putArray("tools").addObject().put("type", "agent_toolset_20260401");
    }
    return create("/v1/agents", body);
  }

  /// The id of a new session.
  public String createSession(String agent, String environment)
      throws IOException, InterruptedException {
    return create(
        "/v1/sessions",
        JSON.createObjectNode().put("agent", agent).put("environment_id", environment));
  }

  /// Sends a message.
  ///
  /// @throws IOException when it is not accepted
  public void send(String session, String text) throws IOException, InterruptedException {
    ObjectNode body = JSON.createObjectNode();
    body.withArray("events")
        .addObject()
        .put("type", "user.message")
        .putArray("content")
        .addObject()
        .put("type", "text")
        .put("text", text);
    post("/v1/sessions/" + session + "/events", body);
  }

  /// Sends so many interrupts in one request. A session that rests has them in its list and does
  /// nothing else.
  public void interrupt(String session, int count) throws IOException, InterruptedException {
    ObjectNode body = JSON.createObjectNode();
    for (int i = 0; i < count; i++) {
      body.withArray("events").addObject().put("type", "user.interrupt");
    }
    post("/v1/sessions/" + session + "/events", body);
  }

  /// A page of the newest events, at most 1,000.
  public JsonNode newestEvents(String session, int limit) throws IOException, InterruptedException {
    return get("/v1/sessions/" + session + "/events?order=desc&limit=" + limit);
  }

  /// The answer to a request that has to succeed.
  ///
  /// @throws IOException when the answer is another than 200
  public JsonNode get(String path) throws IOException, InterruptedException {
    return answer(request(path).GET().build());
  }

  /// Whether this is answered with 200 at present.
  public boolean answers(String path) throws InterruptedException {
    try {
      HttpResponse<Void> response =
          http.send(request(path).GET().build(), HttpResponse.BodyHandlers.discarding());
      return response.statusCode() == OK;
    } catch (IOException e) {
      return false;
    }
  }

  /// Opens a stream and waits until it has begun, so that nothing sent from now on is missed.
  ///
  /// @param deltas whether previews of messages are wanted
  public EventStream stream(String session, boolean deltas, EventStream.Listener listener)
      throws IOException, InterruptedException {
    String query = deltas ? "?event_deltas%5B%5D=agent.message" : "";
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(baseUrl + "/v1/sessions/" + session + "/events/stream" + query))
            .header("x-api-key", key)
            .header("anthropic-beta", "managed-agents-2026-04-01")
            .GET()
            .build();
    return EventStream.open(http, request, listener, ANSWER_MAX);
  }

  private String create(String path, ObjectNode body) throws IOException, InterruptedException {
    return post(path, body).path("id").asText();
  }

  private JsonNode post(String path, ObjectNode body) throws IOException, InterruptedException {
    return answer(
        request(path)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
            .build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(baseUrl + path))
        .timeout(ANSWER_MAX)
        .header("x-api-key", key)
        .header("anthropic-version", "2023-06-01")
        .header("anthropic-beta", "managed-agents-2026-04-01");
  }

  private JsonNode answer(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    if (response.statusCode() != OK) {
      throw new IOException(
          "%s %s was answered with %d: %s"
              .formatted(
                  request.method(),
                  request.uri().getPath(),
                  response.statusCode(),
                  new String(response.body(), java.nio.charset.StandardCharsets.UTF_8)));
    }
    return JSON.readTree(response.body());
  }
}
