package io.steward.harness.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.harness.decide.ModelOutcome;
import io.steward.schemas.preview.PreviewFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PreviewFramesTest {
  private int ids;
  private final PreviewFrames frames = new PreviewFrames(prefix -> prefix + ++ids);
  private final ReplyAssembly reply = new ReplyAssembly();
  private final List<String> shown = new ArrayList<>();
  private int blocks;

  @Test
  void a_text_is_announced_and_shown_piece_by_piece() {
    text("Hel", "lo");

    assertEquals(List.of("agent.message sevt_1", "sevt_1[0] Hel", "sevt_1[0] lo"), shown);
  }

  @Test
  void neighbouring_texts_are_slots_of_one_message() {
    text("a");
    text("b", "c");

    assertEquals(
        List.of("agent.message sevt_1", "sevt_1[0] a", "sevt_1[1] b", "sevt_1[1] c"), shown);
    assertEquals(Map.of(0, "sevt_1"), end("end_turn").eventIds());
  }

  @Test
  void a_block_that_stays_blank_takes_no_slot() {
    text(" ", "\n");
    text("a");
    text("");
    text("\n\n", "b");

    assertEquals(List.of("agent.message sevt_1", "sevt_1[0] a", "sevt_1[1] \n\nb"), shown);
    ModelOutcome.Replied replied = end("end_turn");
    assertEquals(2, replied.content().size());
    assertEquals("\n\nb", replied.content().get(1).path("text").asText());
    assertEquals(Map.of(0, "sevt_1"), replied.eventIds());
  }

  @Test
  void thinking_is_announced_once_and_not_shown() {
    thinking();
    text("");
    thinking();
    text("a");
    thinking();

    assertEquals(
        List.of(
            "agent.thinking sevt_1",
            "agent.message sevt_2",
            "sevt_2[0] a",
            "agent.thinking sevt_3"),
        shown);
    assertEquals(Map.of(0, "sevt_1", 2, "sevt_2", 3, "sevt_3"), end("end_turn").eventIds());
  }

  @Test
  void a_call_is_not_shown_and_parts_two_messages() {
    text("a");
    call();
    text("b");

    assertEquals(
        List.of("agent.message sevt_1", "sevt_1[0] a", "agent.message sevt_2", "sevt_2[0] b"),
        shown);
    assertEquals(Map.of(0, "sevt_1", 2, "sevt_2"), end("tool_use").eventIds());
  }

  private void text(String... pieces) {
    ObjectNode block = object("text").put("text", "");
    add(object("content_block_start").put("index", blocks).set("content_block", block));
    for (String piece : pieces) {
      ObjectNode delta = object("text_delta").put("text", piece);
      add(object("content_block_delta").put("index", blocks).set("delta", delta));
    }
    blocks++;
  }

  private void thinking() {
    ObjectNode block = object("thinking").put("thinking", "").put("signature", "");
    add(object("content_block_start").put("index", blocks).set("content_block", block));
    ObjectNode delta = object("thinking_delta").put("thinking", "hm");
    add(object("content_block_delta").put("index", blocks++).set("delta", delta));
  }

  private void call() {
    ObjectNode block = object("tool_use").put("id", "toolu_1").put("name", "bash");
    block.putObject("input");
    add(object("content_block_start").put("index", blocks).set("content_block", block));
    ObjectNode delta = object("input_json_delta").put("partial_json", "{}");
    add(object("content_block_delta").put("index", blocks++).set("delta", delta));
  }

  private ModelOutcome.Replied end(String reason) {
    ObjectNode delta = JsonNodeFactory.instance.objectNode().put("stop_reason", reason);
    add(object("message_delta").set("delta", delta));
    add(object("message_stop"));
    return assertInstanceOf(ModelOutcome.Replied.class, reply.outcome(frames.announced()));
  }

  private void add(JsonNode event) {
    frames.add(event).stream()
        .map(frame ->
            switch (frame) {
              case PreviewFrame.EventStart start -> start.event().type() + " " + start.eventId();
              case PreviewFrame.EventDelta(String id, PreviewFrame.Delta delta) ->
                  id + "[" + delta.index() + "] " + delta.content().text();
            })
        .forEach(shown::add);
    reply.add(event);
  }

  private static ObjectNode object(String type) {
    return JsonNodeFactory.instance.objectNode().put("type", type);
  }
}
