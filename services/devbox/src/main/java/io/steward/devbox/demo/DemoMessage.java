package io.steward.devbox.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A reply of the demo model as the Messages API writes it: as one object, or as a stream of
/// events.
///
/// @param messageId `msg_…`
/// @param toolUseId `toolu_…`, used when the reply calls a tool
record DemoMessage(DemoReply reply, String messageId, String toolUseId, int inputTokens) {
  /// The id of the only model.
  static final String MODEL = "demo";

  private static final int CHARS_PER_TOKEN = 4;
  private static final int CHARS_PER_DELTA = 80;

  /// A server-sent event.
  record Frame(String event, ObjectNode data) {
    String text() {
      return "event: "
          + event
          + "\ndata: "
          + new String(Json.bytes(data), StandardCharsets.UTF_8)
          + "\n\n";
    }
  }

  /// The reply as one object.
  ObjectNode whole() {
    ObjectNode message = head();
    ObjectNode block = message.withArray("content").addObject();
    switch (reply) {
      case DemoReply.Say(String text) -> block.put("type", "text").put("text", text);
      case DemoReply.Run(String command, int _) -> {
        toolUse(block);
        block.withObject("/input").put("command", command);
      }
    }
    message.put("stop_reason", stopReason());
    message.withObject("/usage").put("output_tokens", outputTokens());
    return message;
  }

  /// The reply as a stream, in order.
  List<Frame> frames() {
    List<Frame> frames = new ArrayList<>();
    ObjectNode start = typed("message_start");
    start.set("message", head());
    frames.add(new Frame("message_start", start));
    ObjectNode blockStart = typed("content_block_start").put("index", 0);
    ObjectNode block = blockStart.putObject("content_block");
    String deltas =
        switch (reply) {
          case DemoReply.Say(String text) -> {
            block.put("type", "text").put("text", "");
            yield text;
          }
          case DemoReply.Run(String command, int _) -> {
            toolUse(block);
            ObjectNode input = JsonNodeFactory.instance.objectNode().put("command", command);
            yield new String(Json.bytes(input), StandardCharsets.UTF_8);
          }
        };
    frames.add(new Frame("content_block_start", blockStart));
    for (String part : parts(deltas)) {
      frames.add(new Frame("content_block_delta", delta(part)));
    }
    frames.add(new Frame("content_block_stop", typed("content_block_stop").put("index", 0)));
    ObjectNode end = typed("message_delta");
    end.putObject("delta").put("stop_reason", stopReason()).putNull("stop_sequence");
    end.putObject("usage").put("output_tokens", outputTokens());
    frames.add(new Frame("message_delta", end));
    frames.add(new Frame("message_stop", typed("message_stop")));
    return frames;
  }

  /// About how many tokens `json` is; nobody pays for them.
  static int tokens(JsonNode json) {
    return Math.max(1, json.toString().length() / CHARS_PER_TOKEN);
  }

  private ObjectNode head() {
    ObjectNode message = JsonNodeFactory.instance.objectNode();
    message.put("id", messageId).put("type", "message").put("role", "assistant");
    message.put("model", MODEL);
    message.putArray("content");
    message.putNull("stop_reason").putNull("stop_sequence");
    ObjectNode usage = message.putObject("usage");
    usage.put("input_tokens", inputTokens).put("output_tokens", 1);
    usage.put("cache_creation_input_tokens", 0).put("cache_read_input_tokens", 0);
    return message;
  }

  private static ObjectNode typed(String type) {
    return JsonNodeFactory.instance.objectNode().put("type", type);
  }

  private void toolUse(ObjectNode block) {
    block.put("type", "tool_use").put("id", toolUseId).put("name", "bash").putObject("input");
  }

  private ObjectNode delta(String part) {
    ObjectNode event = typed("content_block_delta").put("index", 0);
    ObjectNode delta = event.putObject("delta");
    switch (reply) {
      case DemoReply.Say _ -> delta.put("type", "text_delta").put("text", part);
      case DemoReply.Run _ -> delta.put("type", "input_json_delta").put("partial_json", part);
    }
    return event;
  }

  private static List<String> parts(String text) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    while (from < text.length()) {
      int to = Math.min(text.length(), from + CHARS_PER_DELTA);
      if (to < text.length() && Character.isHighSurrogate(text.charAt(to - 1))) {
        to++;
      }
      parts.add(text.substring(from, to));
      from = to;
    }
    return parts;
  }

  private String stopReason() {
    return switch (reply) {
      case DemoReply.Say _ -> "end_turn";
      case DemoReply.Run _ -> "tool_use";
    };
  }

  private int outputTokens() {
    int chars =
        switch (reply) {
          case DemoReply.Say(String text) -> text.length();
          case DemoReply.Run(String command, int _) -> command.length();
        };
    return Math.max(1, chars / CHARS_PER_TOKEN);
  }
}
