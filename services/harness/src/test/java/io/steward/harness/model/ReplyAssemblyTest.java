package io.steward.harness.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.harness.decide.ModelOutcome;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyAssemblyTest {
  private static final String START =
      """
      {"type":"message_start","message":{"usage":{"input_tokens":5,"cache_read_input_tokens":4}}}\
      """;
  private static final String STOP = "{\"type\":\"message_stop\"}";

  private static ModelOutcome assemble(String... events) {
    ReplyAssembly assembly = new ReplyAssembly();
    for (String event : events) {
      assembly.add(Json.tree(event.getBytes(StandardCharsets.UTF_8)));
    }
    return assembly.outcome(Map.of());
  }

  private static String end(String reason) {
    return "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\""
        + reason
        + "\"},\"usage\":{\"output_tokens\":3}}";
  }

  private static String begin(int index, String block) {
    return "{\"type\":\"content_block_start\",\"index\":"
        + index
        + ",\"content_block\":"
        + block
        + "}";
  }

  private static String delta(int index, String delta) {
    return "{\"type\":\"content_block_delta\",\"index\":" + index + ",\"delta\":" + delta + "}";
  }

  private static ModelOutcome.Replied replied(ModelOutcome outcome) {
    return assertInstanceOf(ModelOutcome.Replied.class, outcome);
  }

  @Test
  void blocks_are_put_together_from_their_pieces() {
    ModelOutcome.Replied reply =
        replied(
            assemble(
                START,
                begin(0, "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}"),
                delta(0, "{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}"),
                delta(0, "{\"type\":\"signature_delta\",\"signature\":\"sig\"}"),
                begin(1, "{\"type\":\"text\",\"text\":\"\"}"),
                delta(1, "{\"type\":\"text_delta\",\"text\":\"a\"}"),
                delta(1, "{\"type\":\"text_delta\",\"text\":\"b\"}"),
                begin(2, "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"bash\",\"input\":{}}"),
                delta(2, "{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"x\\\"\"}"),
                delta(2, "{\"type\":\"input_json_delta\",\"partial_json\":\":1}\"}"),
                end("tool_use"),
                STOP));

    assertEquals("sig", reply.content().get(0).path("signature").asText());
    assertEquals("ab", reply.content().get(1).path("text").asText());
    assertEquals(1, reply.content().get(2).at("/input/x").asInt());
    assertEquals(new RequestUsage(5, 3, 0, 4), reply.usage());
  }

  @Test
  void a_call_cut_by_the_token_limit_is_left_out() {
    ModelOutcome.Replied reply =
        replied(
            assemble(
                START,
                begin(0, "{\"type\":\"text\",\"text\":\"a\"}"),
                begin(1, "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"bash\",\"input\":{}}"),
                delta(1, "{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"x\"}"),
                end("max_tokens"),
                STOP));

    assertEquals(1, reply.content().size());
  }

  @Test
  void a_call_without_arguments_is_complete() {
    ModelOutcome.Replied reply =
        replied(
            assemble(
                START,
                begin(0, "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"now\",\"input\":{}}"),
                end("tool_use"),
                STOP));

    assertTrue(reply.content().getFirst().path("input").isObject());
  }

  @Test
  void thinking_alone_is_no_reply() {
    ModelOutcome.Replied reply =
        replied(
            assemble(
                START,
                begin(0, "{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"s\"}"),
                end("max_tokens"),
                STOP));

    assertTrue(reply.content().isEmpty());
  }

  @Test
  void a_stream_that_ends_early_is_a_failure() {
    ModelOutcome outcome = assemble(START, begin(0, "{\"type\":\"text\",\"text\":\"a\"}"));

    assertInstanceOf(ModelOutcome.Failed.class, outcome);
    assertEquals(5, outcome.usage().inputTokens());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",\"usage\":null",
        ",\"usage\":{}",
        ",\"usage\":{\"input_tokens\":null,\"output_tokens\":null}",
        ",\"usage\":{\"input_tokens\":-1,\"output_tokens\":9000000000}"
      })
  void what_nobody_counted_is_zero(String usage) {
    ModelOutcome.Replied reply =
        replied(
            assemble(
                "{\"type\":\"message_start\",\"message\":{\"role\":\"assistant\"" + usage + "}}",
                begin(0, "{\"type\":\"text\",\"text\":\"a\"}"),
                "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}"
                    + usage
                    + "}",
                STOP));

    assertEquals(RequestUsage.NONE, reply.usage());
  }

  @Test
  void a_refusal_keeps_its_details() {
    ModelOutcome.Replied reply =
        replied(
            assemble(
                START,
                """
                {"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":\
                {"type":"refusal","category":"bio","explanation":null}},"usage":{}}\
                """,
                STOP));

    assertNotNull(reply.stopDetails());
    assertEquals("bio", reply.stopDetails().category());
  }
}
