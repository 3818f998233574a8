package io.steward.e2e.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import io.steward.e2e.stage.Steward;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(StageExtension.class)
class HttpRulesIT {
  private static final int BODY_BYTES_MAX = 33_554_432;

  private final Stage stage;

  HttpRulesIT(Stage stage) {
    this.stage = stage;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/agents",
        "/v1/environments",
        "/v1/environments/env_01x/keys",
        "/v1/models",
        "/v1/sessions",
        "/v1/sessions/sesn_01x/events",
        "/v1/sessions/sesn_01x/events/stream",
        "/v1/vaults",
        "/v1/nothing"
      })
  void without_a_key_every_path_answers_unauthorized(String path) throws Exception {
    List<HttpRequest.Builder> requests =
        List.of(
            stage.api().anonymous(path),
            stage.api().anonymous(path).header("x-api-key", "wrong"),
            stage.api().anonymous(path).header("x-api-key", ""),
            stage.api().anonymous(path).header("authorization", "Bearer wrong"),
            stage.api().anonymous(path).header("authorization", "Basic " + Steward.API_KEY));
    for (HttpRequest.Builder request : requests) {
      Answer answer = stage.api().send(request.GET());

      assertEquals(401, answer.status(), () -> path + " -> " + answer);
      assertEquals("authentication_error", answer.errorType());
      assertEnvelope(answer);
    }
  }

  @Test
  void the_key_is_taken_as_x_api_key_and_as_bearer() throws Exception {
    Answer plain =
        stage.api().send(stage.api().anonymous("/v1/agents").header("x-api-key", Steward.API_KEY));
    Answer bearer =
        stage
            .api()
            .send(
                stage
                    .api()
                    .anonymous("/v1/agents")
                    .header("authorization", "Bearer " + Steward.API_KEY));

    assertEquals(200, plain.status());
    assertEquals(200, bearer.status());
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/v1/agents/agent_01none,404",
    "GET,/v1/environments/env_01none,404",
    "GET,/v1/sessions/sesn_01none,404",
    "GET,/v1/sessions/x,404",
    "GET,/v1/sessions/sesn_01none/threads,404",
    "POST,/v1/sessions/sesn_01none/archive,404",
    "DELETE,/v1/sessions/sesn_01none,404",
    "POST,/v1/agents/agent_01none/archive,404",
    "DELETE,/v1/environments/env_01none,404",
    "GET,/v1/environments/env_01none/keys,404",
    "POST,/v1/environments/env_01none/keys,404",
    "DELETE,/v1/environments/env_01none/keys/envkey_01none,404",
    "GET,/v1/unknown,404",
    "GET,/v1/agents/agent_01none/unknown,404",
    "GET,/v1/sessions/sesn_01none/unknown,404",
    "GET,/nothing,404",
    "DELETE,/v1/agents,405",
    "PUT,/v1/agents,405",
    "PATCH,/v1/sessions/sesn_01none,405",
    "DELETE,/v1/models,405",
    "PUT,/v1/environments,405",
    "PUT,/v1/environments/env_01none/keys,405",
    "GET,/v1/environments/env_01none/keys/envkey_01none,405",
  })
  void what_is_not_there_is_told_in_the_envelope(String method, String path, int status)
      throws Exception {
    Answer answer =
        stage
            .api()
            .send(stage.api().request(path).method(method, HttpRequest.BodyPublishers.noBody()));

    assertEquals(status, answer.status(), () -> method + " " + path + " -> " + answer);
    assertEnvelope(answer);
    if (status == 404) {
      assertEquals("not_found_error", answer.errorType());
    }
  }

  @Test
  void every_answer_has_a_request_id_of_its_own() throws Exception {
    Answer one = stage.api().get("/v1/agents");
    Answer two = stage.api().get("/v1/sessions");

    assertTrue(one.header("request-id").startsWith("req_"), one.headers().toString());
    assertTrue(two.header("request-id").startsWith("req_"), two.headers().toString());
    assertNotEquals(one.header("request-id"), two.header("request-id"));
    assertEquals("wrkspc_default", one.header("anthropic-workspace-id"));
    assertEquals("wrkspc_default", two.header("anthropic-workspace-id"));
  }

  @Test
  void versions_betas_and_unknown_parameters_are_tolerated() throws Exception {
    for (String path : List.of("/v1/agents", "/v1/sessions", "/v1/environments", "/v1/vaults")) {
      Answer answer =
          stage
              .api()
              .send(
                  HttpRequest.newBuilder(
                          URI.create(stage.steward().baseUrl() + path + "?beta=true&x=1&page="))
                      .header("x-api-key", Steward.API_KEY)
                      .header("anthropic-version", "2099-01-01")
                      .header("anthropic-beta", "something-else")
                      .header("accept", "text/nothing"));

      assertEquals(200, answer.status(), answer.text());
      assertTrue(answer.header("content-type").startsWith("application/json"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/agents", "/v1/sessions", "/v1/environments", "/v1/vaults"})
  void a_body_announced_too_big_is_refused_without_being_read(String path) throws Exception {
    String answer = rawPost(path, "content-length: " + (BODY_BYTES_MAX + 1), out -> {});

    assertTrue(answer.startsWith("HTTP/1.1 413"), answer);
    assertTrue(answer.contains("request_too_large"), answer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/agents", "/v1/sessions", "/v1/environments", "/v1/vaults"})
  void a_chunked_body_that_grows_too_big_is_cut_off(String path) throws Exception {
    byte[] chunk = ("10000\r\n" + " ".repeat(0x10000) + "\r\n").getBytes(StandardCharsets.UTF_8);
    String answer =
        rawPost(
            path,
            "transfer-encoding: chunked",
            out -> {
              for (int sent = 0; sent <= BODY_BYTES_MAX + 0x10000; sent += 0x10000) {
                out.write(chunk);
              }
              out.write("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            });

    assertTrue(answer.startsWith("HTTP/1.1 413"), answer);
    assertTrue(answer.contains("request_too_large"), answer);
  }

  @Test
  void a_big_body_below_the_limit_is_accepted() throws Exception {
    String text = "x".repeat(2_000_000);
    String id = stage.createSession(stage.plainAgentId());

    Answer answer =
        stage
            .api()
            .post(
                "/v1/sessions/" + id + "/events",
                "{\"events\":[{\"type\":\"system.message\",\"content\":[{\"type\":\"text\",\"text\":\""
                    + text
                    + "\"}]}]}");

    assertEquals(200, answer.status(), answer.errorMessage());
    assertEquals(text.length(), answer.body().at("/data/0/content/0/text").asText().length());
    assertEquals(
        text.length(),
        stage
            .api()
            .get("/v1/sessions/" + id + "/events")
            .body()
            .at("/data/0/content/0/text")
            .asText()
            .length());
  }

  @Test
  void the_health_of_all_services_needs_no_key() throws Exception {
    assertEquals(200, stage.api().send(stage.api().anonymous("/q/health/ready")).status());
  }

  private interface BodyWriter {
    void write(OutputStream out) throws Exception;
  }

  /// Posts over a bare socket and answers what came back, also when the server stopped reading.
  private String rawPost(String path, String header, BodyWriter body) throws Exception {
    URI base = URI.create(stage.steward().baseUrl());
    try (Socket socket = new Socket(base.getHost(), base.getPort())) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      String head =
          "POST %s HTTP/1.1\r\nhost: localhost\r\nx-api-key: %s\r\ncontent-type: application/json\r\n%s\r\n\r\n"
              .formatted(path, Steward.API_KEY, header);
      out.write(head.getBytes(StandardCharsets.UTF_8));
      out.flush();
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  body.write(out);
                  out.flush();
                } catch (Exception e) {
                  // The server has answered and closed: that is what is tested.
                }
              });
      String answer = readAnswer(socket.getInputStream());
      socket.close();
      writer.join();
      return answer;
    }
  }

  private static String readAnswer(InputStream in) throws Exception {
    StringBuilder answer = new StringBuilder();
    byte[] buffer = new byte[8192];
    while (!answer.toString().contains("request_too_large")) {
      int n = in.read(buffer);
      if (n < 0) {
        break;
      }
      answer.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
    }
    return answer.toString();
  }

  private static void assertEnvelope(Answer answer) {
    assertEquals("error", answer.body().path("type").asText(), answer.text());
    assertTrue(!answer.errorMessage().isBlank(), answer.text());
    assertTrue(answer.header("request-id").startsWith("req_"), answer.headers().toString());
    assertEquals(answer.header("request-id"), answer.body().path("request_id").asText());
    assertTrue(answer.header("content-type").startsWith("application/json"));
  }
}
