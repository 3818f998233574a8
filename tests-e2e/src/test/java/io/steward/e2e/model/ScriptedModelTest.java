package io.steward.e2e.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.Tool;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The scripted model as the official client sees it.
class ScriptedModelTest {
  private static final String KEY = "model-key";

  private ScriptedModel model;
  private AnthropicClient client;

  @BeforeEach
  void start() throws IOException {
    model = ScriptedModel.start(KEY);
    client =
        AnthropicOkHttpClient.builder().baseUrl(model.baseUrl()).apiKey(KEY).maxRetries(0).build();
  }

  @AfterEach
  void stop() {
    client.close();
    model.close();
  }

  @Test
  void text_arrives_in_the_scripted_pieces_and_ends_the_turn() {
    Script script = model.play(Script.of(Reply.text("Hel", "lo")));

    Message message = ask(script.marked("hi"));

    assertEquals("Hello", message.content().getFirst().asText().text());
    assertEquals(StopReason.END_TURN, message.stopReason().orElseThrow());
    assertEquals(11, message.usage().inputTokens());
    assertEquals(7, message.usage().outputTokens());
    assertEquals(List.of(), script.faults());
  }

  @Test
  void thinking_and_two_tool_calls_of_one_reply_have_ids_of_their_own() {
    Script script =
        model.play(
            Script.of(
                Reply.message(
                    new Block.Thinking("hm", "sig-1"),
                    Block.ToolUse.bash("echo 1"),
                    Block.ToolUse.bash("echo 2"))));

    Message message = ask(script.marked("go"));

    assertEquals("sig-1", message.content().getFirst().asThinking().signature());
    assertTrue(
        !message
            .content()
            .get(1)
            .asToolUse()
            .id()
            .equals(message.content().get(2).asToolUse().id()));
    assertEquals("{command=echo 2}", message.content().get(2).asToolUse()._input().toString());
    assertEquals(StopReason.TOOL_USE, message.stopReason().orElseThrow());
  }

  @Test
  void a_refusal_carries_its_details() {
    Script script = model.play(Script.of(Reply.refusal("cyber", "no")));

    Message message = ask(script.marked("bad"));

    assertEquals(StopReason.REFUSAL, message.stopReason().orElseThrow());
    assertEquals("no", message.stopDetails().orElseThrow().explanation().orElseThrow());
  }

  @Test
  void http_errors_carry_status_type_and_headers() {
    Script script =
        model.play(Script.of(Reply.overloaded(), Reply.rateLimited(Duration.ofSeconds(7))));

    AnthropicServiceException overloaded =
        assertThrows(AnthropicServiceException.class, () -> ask(script.marked("a")));
    AnthropicServiceException limited =
        assertThrows(AnthropicServiceException.class, () -> ask(script.marked("a")));

    assertEquals(529, overloaded.statusCode());
    assertEquals(429, limited.statusCode());
    assertEquals(List.of("7"), limited.headers().values("retry-after"));
  }

  @Test
  void a_stream_can_break_off_with_an_error_event_or_a_cut() {
    Script script =
        model.play(
            Script.of(
                new Reply.StreamError(List.of(Block.Text.of("x")), "overloaded_error", "later"),
                new Reply.Cut(List.of(Block.Text.of("x")))));

    assertThrows(RuntimeException.class, () -> ask(script.marked("a")));
    assertThrows(RuntimeException.class, () -> ask(script.marked("a")));
    assertEquals(2, script.requests().size());
  }

  @Test
  void a_held_reply_goes_on_when_its_gate_opens() throws Exception {
    Gate gate = new Gate();
    Script script = model.play(Script.of(Reply.text("a", "b").heldBy(gate)));

    try (StreamResponse<RawMessageStreamEvent> stream =
        client.messages().createStreaming(params("m", script.marked("a")))) {
      ModelRequest request = script.awaitRequest(1);
      assertEquals(false, request.ended().isDone());
      gate.open();
      assertTrue(stream.stream().anyMatch(RawMessageStreamEvent::isMessageStop));
      assertEquals(ModelRequest.Ending.ANSWERED, Script.ending(request));
    }
  }

  @Test
  void a_caller_that_hangs_up_on_a_held_reply_is_noticed() throws Exception {
    Script script = model.play(Script.of(Reply.text("a", "b").heldBy(new Gate())));

    try (StreamResponse<RawMessageStreamEvent> stream =
        client.messages().createStreaming(params("m", script.marked("a")))) {
      assertTrue(stream.stream().anyMatch(RawMessageStreamEvent::isMessageStart));
    }

    assertEquals(ModelRequest.Ending.HUNG_UP, Script.ending(script.awaitRequest(1)));
  }

  @Test
  void a_script_by_turn_answers_the_same_again_when_asked_the_same_again() {
    Script script = model.play(Script.byTurn(Reply.text("first")));

    assertEquals("first", ask(script.marked("a")).content().getFirst().asText().text());
    assertEquals("first", ask(script.marked("a")).content().getFirst().asText().text());
  }

  @Test
  void a_request_too_many_and_a_request_without_script_are_faults() {
    Script script = model.play(Script.of());

    assertThrows(AnthropicServiceException.class, () -> ask(script.marked("a")));
    assertThrows(AnthropicServiceException.class, () -> ask("no marker"));

    assertEquals(List.of("request 1: the script has no reply for request 1"), script.faults());
    assertEquals(1, model.strays().size());
  }

  @Test
  void the_small_model_counts_and_refuses_what_it_cannot_read() {
    Script script = model.play(Script.answering(request -> Reply.text("ok")));

    Message message = ask(ScriptedModel.SMALL_MODEL, script.marked("x".repeat(4_000)));
    AnthropicServiceException refused =
        assertThrows(
            AnthropicServiceException.class,
            () -> ask(ScriptedModel.SMALL_MODEL, script.marked("x".repeat(130_000))));

    assertTrue(message.usage().inputTokens() > 1_000, message.usage().toString());
    assertEquals(400, refused.statusCode());
    String sentence = String.valueOf(refused.getMessage());
    assertTrue(
        sentence.matches("(?s).*prompt is too long: \\d+ tokens > 32000 maximum.*"), sentence);
    assertEquals(List.of(), script.faults());
  }

  @Test
  void a_chat_completion_is_streamed_from_the_same_scripts() throws Exception {
    Script script =
        model.play(
            Script.of(Reply.message(Block.Text.of("Hel", "lo"), Block.ToolUse.bash("echo 1"))));
    String body =
        """
        {"model":"m","stream":true,"stream_options":{"include_usage":true},
         "tools":[{"type":"function","function":{"name":"bash","parameters":{"type":"object"}}}],
         "messages":[{"role":"user","content":"%s"}]}
        """
            .formatted(script.marked("hi"));

    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(model.baseUrl() + "/v1/chat/completions"))
                    .header("authorization", "Bearer " + ScriptedModel.chatKey(KEY))
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build(),
                HttpResponse.BodyHandlers.ofString());

    assertEquals(List.of(), script.faults());
    assertEquals(200, answer.statusCode());
    assertTrue(answer.body().contains("\"content\":\"Hel\""), answer.body());
    assertTrue(answer.body().contains("\"finish_reason\":\"tool_calls\""), answer.body());
    assertTrue(answer.body().contains("\"prompt_tokens\":19"), answer.body());
    assertTrue(answer.body().endsWith("data: [DONE]\n\n"), answer.body());
  }

  @Test
  void the_models_are_listed() {
    assertEquals(
        ScriptedModel.MODELS, client.models().list().data().stream().map(m -> m.id()).toList());
  }

  private Message ask(String text) {
    return ask("claude-opus-5-5", text);
  }

  private Message ask(String modelId, String text) {
    MessageAccumulator accumulator = MessageAccumulator.create();
    try (StreamResponse<RawMessageStreamEvent> stream =
        client.messages().createStreaming(params(modelId, text))) {
      stream.stream().forEach(accumulator::accumulate);
    }
    return accumulator.message();
  }

  private static MessageCreateParams params(String modelId, String text) {
    return MessageCreateParams.builder()
        .model(modelId)
        .maxTokens(100)
        .addUserMessage(text)
        .addTool(
            Tool.builder()
                .name("bash")
                .description("runs a command")
                .inputSchema(Tool.InputSchema.builder().build())
                .build())
        .build();
  }
}
