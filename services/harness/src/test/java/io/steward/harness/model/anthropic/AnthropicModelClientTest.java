package io.steward.harness.model.anthropic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.auth.oauth2.AccessToken;
import com.google.auth.oauth2.GoogleCredentials;
import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.model.Ask;
import io.steward.harness.model.ModelClient;
import io.steward.harness.model.ModelEndpoint;
import io.steward.harness.request.ModelRequest;
import io.steward.harness.stage.ScriptedHttp;
import io.steward.harness.stage.ScriptedHttp.Answer;
import io.steward.schemas.id.Ids;
import java.io.IOException;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnthropicModelClientTest {
  private static final String TOOLS =
      "[{\"name\":\"bash\",\"input_schema\":{\"type\":\"object\"}}]";
  private static final String HELLO = "[{\"role\":\"user\",\"content\":\"hello\"}]";

  private static final Answer REPLY =
      Answer.messages(
          """
          {"type":"message_start","message":{"id":"m","type":"message","role":"assistant",\
          "model":"m","content":[],"stop_reason":null,"stop_sequence":null,\
          "usage":{"input_tokens":1,"output_tokens":1}}}\
          """,
          """
          {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"hi"}}\
          """,
          """
          {"type":"content_block_stop","index":0}\
          """,
          """
          {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},\
          "usage":{"output_tokens":2}}\
          """,
          """
          {"type":"message_stop"}\
          """);

  private ScriptedHttp server;

  @BeforeEach
  void start() throws IOException {
    server = ScriptedHttp.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private ModelOutcome ask(ModelRequest request, Answer answer) {
    server.play(answer);
    try (ModelClient client =
        AnthropicModelClient.direct(Ask.endpoint(server.baseUrl()), Ids::random)) {
      return client.ask(request, _ -> {});
    }
  }

  private JsonNode body() {
    return server.asked().getFirst().body();
  }

  private static void assertSaysHi(ModelOutcome outcome) {
    ModelOutcome.Replied reply = assertInstanceOf(ModelOutcome.Replied.class, outcome);
    assertEquals("hi", reply.content().getFirst().path("text").asText());
  }

  @Test
  void tools_may_be_named_but_not_allowed() {
    ModelRequest request = Ask.request("m", null, HELLO, TOOLS, false, null, Map.of());

    assertSaysHi(ask(request, REPLY));

    assertEquals("none", body().at("/tool_choice/type").asText());
    assertEquals(1, body().path("tools").size());
  }

  @Test
  void without_tools_there_is_no_choice_of_them() {
    ask(Ask.request("m", null, HELLO, "[]", false, null, Map.of()), REPLY);
    ask(Ask.request("m", null, HELLO, TOOLS, true, null, Map.of()), REPLY);

    assertFalse(server.asked().get(0).body().has("tool_choice"));
    assertFalse(server.asked().get(1).body().has("tool_choice"));
  }

  @Test
  void thinking_nobody_signed_is_not_sent() {
    String messages =
        """
        [{"role":"user","content":"a"},{"role":"assistant","content":[\
        {"type":"thinking","thinking":"","signature":""},\
        {"type":"thinking","thinking":"t","signature":"s"},{"type":"text","text":"b"}]},\
        {"role":"user","content":"c"}]\
        """;

    ask(Ask.of("m", messages), REPLY);

    assertEquals(2, body().at("/messages/1/content").size());
    assertEquals("s", body().at("/messages/1/content/0/signature").asText());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400 | invalid_request_error | prompt is too long: 210000 tokens > 200000 maximum",
        "400 | invalid_request_error | input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000",
        "400 | invalid_request_error | Prompt is too long",
        "413 | request_too_large | Request exceeds the maximum size"
      })
  void a_conversation_beyond_the_window_is_told_apart(int status, String type, String message) {
    String error =
        "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":\"%s\"}}"
            .formatted(type, message);

    ModelOutcome outcome = ask(Ask.hello("m"), Answer.json(status, error));

    assertEquals(
        ModelFailure.Kind.CONTEXT_EXCEEDED,
        assertInstanceOf(ModelOutcome.Failed.class, outcome).failure().kind());
  }

  @ParameterizedTest
  @CsvSource({"502,<html>,UNAVAILABLE", "503,'',OVERLOADED", "403,{\"message\":\"no\"},REFUSED"})
  void an_answer_that_is_not_the_apis_counts_by_its_status(
      int status, String body, ModelFailure.Kind kind) {
    ModelOutcome outcome = ask(Ask.hello("m"), Answer.json(status, body));

    assertEquals(kind, assertInstanceOf(ModelOutcome.Failed.class, outcome).failure().kind());
  }

  @Test
  void bedrock_is_asked_with_its_key_at_an_address_of_its_own() {
    server.play(REPLY);
    try (ModelClient client =
        BedrockAccess.client(Ask.endpoint(server.baseUrl()), "eu-west-1", Ids::random)) {
      assertSaysHi(client.ask(Ask.hello("anthropic.claude-x"), _ -> {}));
    }

    assertEquals("anthropic.claude-x", body().path("model").asText());
    assertEquals(
        List.of("Bearer sk-secret-canary"),
        server.asked().getFirst().headers().get("Authorization"));
  }

  @Test
  void bedrock_without_a_key_signs_what_it_sends() {
    ModelEndpoint keyed = Ask.endpoint(server.baseUrl());
    System.setProperty("aws.accessKeyId", "AKIACANARY");
    System.setProperty("aws.secretAccessKey", "canary");
    server.play(REPLY);
    try (ModelClient client =
        BedrockAccess.client(
            new ModelEndpoint(keyed.baseUrl(), null, null, null, keyed.limits()),
            "eu-west-1",
            Ids::random)) {
      assertSaysHi(client.ask(Ask.hello("anthropic.claude-x"), _ -> {}));
    } finally {
      System.clearProperty("aws.accessKeyId");
      System.clearProperty("aws.secretAccessKey");
    }

    String authorization = server.asked().getFirst().headers().getFirst("Authorization");
    assertEquals(0, authorization.indexOf("AWS4-HMAC-SHA256 Credential=AKIACANARY/"));
  }

  @Test
  void vertex_is_asked_for_the_model_of_a_project() {
    GoogleCredentials credentials =
        GoogleCredentials.create(
            new AccessToken("token", Date.from(Instant.parse("2999-01-01T00:00:00Z"))));
    server.play(REPLY);
    try (ModelClient client =
        VertexAccess.client(
            Ask.endpoint(server.baseUrl()), "europe-west1", "p1", credentials, Ids::random)) {
      assertSaysHi(client.ask(Ask.hello("claude-x"), _ -> {}));
    }

    assertEquals(
        "/v1/projects/p1/locations/europe-west1/publishers/anthropic/models/claude-x:streamRawPredict",
        server.asked().getFirst().path());
  }

  @Test
  void credentials_that_fail_fail_the_request() {
    GoogleCredentials broken =
        new GoogleCredentials() {
          @Override
          public AccessToken refreshAccessToken() throws IOException {
            throw new IOException("no metadata server");
          }
        };
    try (ModelClient client =
        VertexAccess.client(Ask.endpoint(server.baseUrl()), "r", "p", broken, Ids::random)) {
      ModelOutcome outcome = client.ask(Ask.hello("m"), _ -> {});

      assertEquals(
          ModelFailure.Kind.UNAVAILABLE,
          assertInstanceOf(ModelOutcome.Failed.class, outcome).failure().kind());
    }
  }
}
