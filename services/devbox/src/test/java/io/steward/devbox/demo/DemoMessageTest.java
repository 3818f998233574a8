package io.steward.devbox.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DemoMessageTest {
  private static DemoMessage message(DemoReply reply) {
    return new DemoMessage(reply, "msg_1", "toolu_1", 7);
  }

  private static String joined(List<DemoMessage.Frame> frames, String field) {
    return frames.stream()
        .map(frame -> frame.data().path("delta").path(field))
        .filter(JsonNode::isTextual)
        .map(JsonNode::asText)
        .collect(Collectors.joining());
  }

  @Test
  void a_text_is_streamed_in_the_order_of_the_messages_api() {
    List<DemoMessage.Frame> frames = message(new DemoReply.Say("[demo] hi")).frames();
    assertEquals(
        List.of(
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop"),
        frames.stream().map(DemoMessage.Frame::event).toList());
    assertEquals("end_turn", frames.get(4).data().path("delta").path("stop_reason").asText());
  }

  @Test
  void the_deltas_make_the_text() {
    String text = "[demo] " + "ä😀".repeat(200);
    assertEquals(text, joined(message(new DemoReply.Say(text)).frames(), "text"));
  }

  @Test
  void the_deltas_of_a_call_make_its_input() {
    List<DemoMessage.Frame> frames = message(new DemoReply.Run("echo \"x\"", 0)).frames();
    assertEquals("{\"command\":\"echo \\\"x\\\"\"}", joined(frames, "partial_json"));
    assertEquals("tool_use", frames.get(4).data().path("delta").path("stop_reason").asText());
  }

  @Test
  void the_whole_message_says_the_same() {
    JsonNode whole = message(new DemoReply.Run("id", 0)).whole();
    assertEquals("tool_use", whole.path("stop_reason").asText());
    assertEquals("id", whole.path("content").path(0).path("input").path("command").asText());
    assertEquals("demo", whole.path("model").asText());
  }

  @Test
  void a_frame_is_an_event_line_a_data_line_and_an_empty_line() {
    String text = message(new DemoReply.Say("x")).frames().getLast().text();
    assertEquals("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", text);
  }
}
