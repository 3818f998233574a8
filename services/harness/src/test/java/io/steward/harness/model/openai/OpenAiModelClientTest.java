package io.steward.harness.model.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.model.Ask;
import io.steward.harness.request.ModelRequest;
import io.steward.harness.stage.ScriptedHttp;
import io.steward.harness.stage.ScriptedHttp.Answer;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.id.Ids;
import io.steward.schemas.preview.PreviewFrame;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiModelClientTest {
  private static final String DONE = "[DONE]";

  private ScriptedHttp server;
  private OpenAiModelClient client;
  private final List<PreviewFrame> frames = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    server = ScriptedHttp.start();
    client = OpenAiModelClient.of(Ask.endpoint(server.baseUrl()), Ids::random);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  /// A chunk with that delta, as a server sends it that fills every field.
  private static String chunk(String delta) {
    return "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\","
        + "\"choices\":[{\"index\":0,\"delta\":"
        + delta
        + ",\"finish_reason\":null}]}";
  }

  private static String content(String text) {
    return chunk("{\"content\":\"" + text + "\"}");
  }

  private static String finish(String reason) {
    return "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" + reason + "\"}]}";
  }

  private static String calls(String calls) {
    return chunk("{\"tool_calls\":[" + calls + "]}");
  }

  private ModelOutcome ask(String... data) {
    return ask(Ask.hello("m"), data);
  }

  private ModelOutcome ask(ModelRequest request, String... data) {
    server.play(Answer.sse(data));
    return client.ask(request, frames::add);
  }

  private static ModelOutcome.Replied replied(ModelOutcome outcome) {
    return assertInstanceOf(ModelOutcome.Replied.class, outcome);
  }

  private static ModelFailure failure(ModelOutcome outcome) {
    return assertInstanceOf(ModelOutcome.Failed.class, outcome).failure();
  }

  @Test
  void a_text_comes_in_pieces_and_is_seen_while_it_comes() {
    ModelOutcome.Replied reply =
        replied(
            ask(
                chunk("{\"role\":\"assistant\",\"content\":\"\"}"),
                content("Hel"),
                content("lo"),
                finish("stop"),
                DONE));

    assertEquals("Hello", reply.content().getFirst().path("text").asText());
    assertEquals("end_turn", reply.stopReason());
    assertEquals(3, frames.size());
    PreviewFrame.EventStart start =
        assertInstanceOf(PreviewFrame.EventStart.class, frames.getFirst());
    assertEquals(start.event().id(), reply.eventIds().get(0));
  }

  @Test
  void usage_comes_in_a_chunk_without_choices() {
    ModelOutcome.Replied reply =
        replied(
            ask(
                content("a"),
                finish("stop"),
                """
                {"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":3,\
                "prompt_tokens_details":{"cached_tokens":4}}}\
                """,
                DONE));

    assertEquals(new RequestUsage(6, 3, 0, 4), reply.usage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"choices\":[]}",
        "{\"choices\":[],\"usage\":null}",
        "{\"choices\":[],\"usage\":{}}",
        "{\"choices\":[],\"usage\":{\"total_tokens\":9}}",
        "{\"choices\":[],\"usage\":{\"prompt_tokens\":null,\"completion_tokens\":null}}",
        "{\"choices\":[],\"usage\":{\"prompt_tokens\":-1,\"completion_tokens\":-1}}",
        "{\"choices\":[],\"usage\":{\"prompt_tokens_details\":{\"cached_tokens\":4}}}"
      })
  void what_nobody_counted_is_zero(String last) {
    assertEquals(
        RequestUsage.NONE, replied(ask(content("Hello"), finish("stop"), last, DONE)).usage());
  }

  @Test
  void calls_come_in_pieces_by_index() {
    ModelOutcome.Replied reply =
        replied(
            ask(
                content("Let me see."),
                calls(
                    "{\"index\":0,\"id\":\"call_a\",\"type\":\"function\",\"function\":"
                        + "{\"name\":\"bash\",\"arguments\":\"\"}}"),
                calls("{\"index\":0,\"function\":{\"arguments\":\"{\\\"command\\\":\"}}"),
                calls(
                    "{\"index\":1,\"id\":\"call_b\",\"function\":"
                        + "{\"name\":\"read\",\"arguments\":\"{\"}}"),
                calls("{\"index\":0,\"function\":{\"arguments\":\"\\\"ls\\\"}\"}}"),
                calls("{\"index\":1,\"function\":{\"arguments\":\"}\"}}"),
                finish("tool_calls"),
                DONE));

    assertEquals("tool_use", reply.stopReason());
    assertEquals(3, reply.content().size());
    JsonNode bash = reply.content().get(1);
    assertEquals("tool_use", bash.path("type").asText());
    assertEquals("call_a", bash.path("id").asText());
    assertEquals("ls", bash.at("/input/command").asText());
    assertEquals("read", reply.content().get(2).path("name").asText());
    assertTrue(reply.content().get(2).path("input").isEmpty());
  }

  @Test
  void whole_calls_without_ids_get_their_own_though_the_reply_says_stop() {
    ModelOutcome.Replied reply =
        replied(
            ask(
                chunk(
                    """
                    {"tool_calls":[{"function":{"name":"bash","arguments":{"command":"ls"}}},\
                    {"function":{"name":"bash","arguments":"{\\"command\\":\\"id\\"}"}}]}\
                    """),
                finish("stop"),
                DONE));

    assertEquals("tool_use", reply.stopReason());
    assertEquals("ls", reply.content().get(0).at("/input/command").asText());
    assertEquals("id", reply.content().get(1).at("/input/command").asText());
    String first = reply.content().get(0).path("id").asText();
    assertTrue(first.matches("[A-Za-z0-9_-]{6,40}"), first);
    assertNotEquals(first, reply.content().get(1).path("id").asText());
  }

  @Test
  void an_id_that_the_conversation_has_already_is_replaced() {
    ModelRequest request =
        Ask.of(
            "m",
            """
            [{"role":"user","content":"a"},{"role":"assistant","content":\
            [{"type":"tool_use","id":"call_0","name":"bash","input":{}}]},{"role":"user","content":\
            [{"type":"tool_result","tool_use_id":"call_0","content":[]}]}]\
            """);

    ModelOutcome.Replied reply =
        replied(
            ask(
                request,
                calls(
                    "{\"index\":0,\"id\":\"call_0\",\"function\":"
                        + "{\"name\":\"bash\",\"arguments\":\"{}\"}}"),
                finish("tool_calls"),
                DONE));

    assertNotEquals("call_0", reply.content().getFirst().path("id").asText());
  }

  @Test
  void calls_with_one_index_but_other_ids_are_others() {
    String call =
        "{\"index\":0,\"id\":\"%s\",\"function\":{\"name\":\"bash\",\"arguments\":\"{}\"}}";

    ModelOutcome.Replied reply =
        replied(ask(calls(call.formatted("a")), calls(call.formatted("b")), finish("stop"), DONE));

    assertEquals(2, reply.content().size());
  }

  @Test
  void arguments_that_are_not_json_are_a_failure() {
    ModelOutcome outcome =
        ask(
            calls(
                "{\"index\":0,\"id\":\"a\",\"function\":"
                    + "{\"name\":\"bash\",\"arguments\":\"{'x\"}}"),
            finish("tool_calls"),
            DONE);

    assertEquals(ModelFailure.Kind.UNAVAILABLE, failure(outcome).kind());
  }

  @Test
  void a_call_cut_by_the_token_limit_is_left_out() {
    ModelOutcome.Replied reply =
        replied(
            ask(
                content("a"),
                calls(
                    "{\"index\":0,\"id\":\"a\",\"function\":"
                        + "{\"name\":\"bash\",\"arguments\":\"{\\\"x\"}}"),
                finish("length"),
                DONE));

    assertEquals("max_tokens", reply.stopReason());
    assertEquals(1, reply.content().size());
  }

  @Test
  void reasoning_shows_as_thinking_without_its_text() {
    ModelOutcome.Replied reply =
        replied(
            ask(
                chunk("{\"reasoning_content\":\"secret thoughts\"}"),
                chunk("{\"reasoning_content\":\" more\"}"),
                content("a"),
                finish("stop"),
                DONE));

    assertEquals("thinking", reply.content().getFirst().path("type").asText());
    assertFalse(reply.content().toString().contains("thoughts"));
    PreviewFrame.EventStart start =
        assertInstanceOf(PreviewFrame.EventStart.class, frames.getFirst());
    assertEquals("agent.thinking", start.event().type());
  }

  @Test
  void a_refusal_has_its_words_as_the_explanation() {
    ModelOutcome.Replied reply =
        replied(
            ask(
                chunk("{\"refusal\":\"I \"}"),
                chunk("{\"refusal\":\"won't.\"}"),
                finish("stop"),
                DONE));

    assertEquals("refusal", reply.stopReason());
    assertNotNull(reply.stopDetails());
    assertEquals("I won't.", reply.stopDetails().explanation());
  }

  @Test
  void a_content_filter_is_a_refusal() {
    ModelOutcome.Replied reply = replied(ask(content("a"), finish("content_filter"), DONE));

    assertEquals("refusal", reply.stopReason());
    assertNotNull(reply.stopDetails());
  }

  @Test
  void a_stream_that_ends_without_a_reason_was_cut_off() {
    assertEquals(ModelFailure.Kind.UNAVAILABLE, failure(ask(content("a"), DONE)).kind());
    assertEquals(ModelFailure.Kind.UNAVAILABLE, failure(ask(content("a"))).kind());
    assertEquals(ModelFailure.Kind.UNAVAILABLE, failure(ask()).kind());
  }

  @Test
  void an_error_inside_a_stream_counts_with_its_status() {
    assertEquals(
        ModelFailure.Kind.RATE_LIMITED,
        failure(ask(content("a"), "{\"error\":{\"code\":429,\"message\":\"slow down\"}}")).kind());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "401 | {\"error\":{\"code\":\"invalid_api_key\",\"message\":\"bad sk-secret-canary\"}} | REFUSED",
        "403 | {\"error\":{\"type\":\"permission\"}} | REFUSED",
        "402 | {} | BILLING",
        "429 | {\"error\":{\"type\":\"insufficient_quota\",\"code\":\"insufficient_quota\"}} | BILLING",
        "429 | {\"error\":{\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\"}} | RATE_LIMITED",
        "500 | {\"error\":{\"type\":\"server_error\"}} | UNAVAILABLE",
        "502 | <html> | UNAVAILABLE",
        "503 | '' | OVERLOADED",
        "529 | {} | OVERLOADED",
        "404 | {\"error\":{\"code\":\"model_not_found\"}} | REFUSED",
        "400 | {\"error\":{\"code\":\"context_length_exceeded\",\"message\":\"x\"}} | CONTEXT_EXCEEDED",
        "400 | {\"object\":\"error\",\"message\":\"This model's maximum context length is 9 tokens.\",\"code\":400} | CONTEXT_EXCEEDED",
        "413 | <html> | CONTEXT_EXCEEDED",
        "413 | {\"error\":{\"code\":\"rate_limit_exceeded\"}} | CONTEXT_EXCEEDED",
        "422 | {\"detail\":\"no\"} | REFUSED"
      })
  void errors_are_told_apart(int status, String body, ModelFailure.Kind kind) {
    server.play(Answer.json(status, body));

    ModelFailure failure = failure(client.ask(Ask.hello("m"), frames::add));

    assertEquals(kind, failure.kind());
    assertFalse(failure.message().contains("canary"), failure.message());
  }

  @Test
  void a_wait_may_come_in_milliseconds() {
    server.play(new Answer(429, Map.of("retry-after-ms", "1500", "retry-after", "9"), "{}"));

    assertEquals(
        Duration.ofMillis(1500), failure(client.ask(Ask.hello("m"), frames::add)).retryAfter());
  }

  @Test
  void nobody_there_is_unavailable() {
    server.close();

    assertEquals(
        ModelFailure.Kind.UNAVAILABLE, failure(client.ask(Ask.hello("m"), frames::add)).kind());
  }

  @Test
  void a_request_says_what_the_server_must_know() {
    ModelRequest request =
        Ask.request(
            "org/model:7b",
            "Be kind.",
            "[{\"role\":\"user\",\"content\":\"hi\"}]",
            """
            [{"name":"bash","description":"Runs.","input_schema":{"type":"object"},\
            "cache_control":{"type":"ephemeral"}}]\
            """,
            true,
            "low",
            Map.of());

    replied(ask(request, content("a"), finish("stop"), DONE));

    ScriptedHttp.Asked asked = server.asked().getFirst();
    JsonNode body = asked.body();
    assertEquals("/v1/chat/completions", asked.path());
    assertEquals(List.of("Bearer sk-secret-canary"), asked.headers().get("Authorization"));
    assertEquals("org/model:7b", body.path("model").asText());
    assertTrue(body.path("stream").asBoolean());
    assertTrue(body.at("/stream_options/include_usage").asBoolean());
    assertEquals(1_000, body.path("max_tokens").asInt());
    assertFalse(body.has("max_completion_tokens"));
    assertEquals("low", body.path("reasoning_effort").asText());
    assertFalse(body.has("tool_choice"));
    assertEquals("function", body.at("/tools/0/type").asText());
    assertEquals("object", body.at("/tools/0/function/parameters/type").asText());
    assertEquals("Be kind.", body.at("/messages/0/content").asText());
    assertEquals("hi", body.at("/messages/1/content").asText());
    assertFalse(body.toString().contains("cache_control"));
  }

  @Test
  void tools_that_may_not_be_called_are_not_named() {
    ModelRequest request =
        Ask.request(
            "m",
            null,
            """
            [{"role":"user","content":"hi"},\
            {"role":"assistant","content":[{"type":"tool_use","id":"a","name":"bash","input":{}}]},\
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"x"}]}]\
            """,
            "[{\"name\":\"bash\",\"input_schema\":{\"type\":\"object\"}}]",
            false,
            null,
            Map.of());

    replied(ask(request, content("a"), finish("stop"), DONE));

    JsonNode body = server.asked().getFirst().body();
    assertFalse(body.has("tools"));
    assertFalse(body.has("tool_choice"));
    assertEquals("bash", body.at("/messages/1/tool_calls/0/function/name").asText());
    assertEquals("tool", body.at("/messages/2/role").asText());
  }
}
