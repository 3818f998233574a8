package io.steward.e2e.stage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Plain HTTP, for what the official client cannot or will not say.
public final class Api {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String baseUrl;

  public Api(String baseUrl) {
    this.baseUrl = baseUrl;
  }

  public Answer get(String path) throws Exception {
    return send(request(path).GET());
  }

  public Answer delete(String path) throws Exception {
    return send(request(path).DELETE());
  }

  /// All entries of a list, page after page.
  ///
  /// @param path with a query
  /// @param answerMax how long one page may take
  /// @throws IOException when a page is not answered with 200
  public List<JsonNode> list(String path, Duration answerMax) throws Exception {
    List<JsonNode> entries = new ArrayList<>();
    String page = "";
    while (true) {
      Answer answer = send(request(path + page).timeout(answerMax).GET());
      if (answer.status() != 200) {
        throw new IOException("no page of " + path + ": " + answer);
      }
      answer.body().path("data").forEach(entries::add);
      JsonNode next = answer.body().path("next_page");
      if (!next.isTextual()) {
        return entries;
      }
      page = "&page=" + URLEncoder.encode(next.textValue(), StandardCharsets.UTF_8);
    }
  }

  /// Posts JSON text.
  public Answer post(String path, String json) throws Exception {
    return send(
        request(path)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  /// Posts nothing at all, as the SDKs do for actions.
  public Answer post(String path) throws Exception {
    return send(request(path).POST(HttpRequest.BodyPublishers.noBody()));
  }

  /// A request with the key, to be completed by the caller.
  public HttpRequest.Builder request(String path) {
    return anonymous(path).header("x-api-key", Steward.API_KEY);
  }

  /// A request without any credential.
  public HttpRequest.Builder anonymous(String path) {
    return HttpRequest.newBuilder(URI.create(baseUrl + path))
        .timeout(TIMEOUT)
        .header("anthropic-version", "2023-06-01")
        .header("anthropic-beta", "managed-agents-2026-04-01");
  }

  public Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Answer(
        response.statusCode(), response.headers(), parse(response.body()), response.body());
  }

  /// A response whose lines can be read while they come: a raw event stream.
  public HttpResponse<java.io.InputStream> open(String path)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(baseUrl + path))
            .header("x-api-key", Steward.API_KEY)
            .header("anthropic-beta", "managed-agents-2026-04-01")
            .header("accept", "application/json")
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofInputStream());
  }

  public static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  private static JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }
}
