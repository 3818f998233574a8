package io.steward.harness.stage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// What the scripted model does with one request.
public sealed interface Reply {
  /// @param delay silence between the first event and the rest
  record Message(List<JsonNode> blocks, String stopReason, Duration delay) implements Reply {}

  record HttpError(int status, String type, String message, Map<String, String> headers)
      implements Reply {}

  /// A stream that begins and then carries an error event.
  record StreamError(String type) implements Reply {}

  /// A stream that begins and is cut.
  record Cut() implements Reply {}

  static Message text(String text) {
    return new Message(List.of(textBlock(text)), "end_turn", Duration.ZERO);
  }

  static Message slow(String text, Duration delay) {
    return new Message(List.of(textBlock(text)), "end_turn", delay);
  }

  static Message refusal() {
    return new Message(List.of(), "refusal", Duration.ZERO);
  }

  /// A text, then one call of `bash` for each command.
  static Message bash(String text, String... commands) {
    List<JsonNode> blocks = new ArrayList<>();
    if (!text.isEmpty()) {
      blocks.add(textBlock(text));
    }
    for (String command : commands) {
      blocks.add(call("bash", "{\"command\":\"" + command + "\"}"));
    }
    return new Message(blocks, "tool_use", Duration.ZERO);
  }

  /// A call of `bash` after some silence.
  static Message slowBash(String command, Duration delay) {
    return new Message(bash("", command).blocks(), "tool_use", delay);
  }

  static Message tool(String name, String inputJson) {
    return new Message(List.of(call(name, inputJson)), "tool_use", Duration.ZERO);
  }

  static HttpError overloaded() {
    return new HttpError(529, "overloaded_error", "Overloaded", Map.of());
  }

  static HttpError error(int status, String type) {
    return new HttpError(status, type, "sk-secret-canary is not welcome", Map.of());
  }

  private static ObjectNode textBlock(String text) {
    return JsonNodeFactory.instance.objectNode().put("type", "text").put("text", text);
  }

  private static ObjectNode call(String name, String inputJson) {
    ObjectNode call = JsonNodeFactory.instance.objectNode();
    call.put("type", "tool_use").put("id", "toolu_" + UUID.randomUUID()).put("name", name);
    call.set("input", Json.tree(inputJson.getBytes(StandardCharsets.UTF_8)));
    return call;
  }
}
