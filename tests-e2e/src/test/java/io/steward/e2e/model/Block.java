package io.steward.e2e.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/// One content block of a scripted reply.
public sealed interface Block {

  /// Text, streamed in these pieces.
  record Text(List<String> pieces) implements Block {
    public static Text of(String... pieces) {
      return new Text(List.of(pieces));
    }

    String whole() {
      return String.join("", pieces);
    }
  }

  /// Thinking with the signature the caller has to give back unchanged.
  record Thinking(String thinking, String signature) implements Block {}

  /// The beginning of a tool call whose input never came to its end, as in a reply that ran out of
  /// tokens.
  record HalfToolUse(String name, String inputBegin) implements Block {}

  /// What a tool of the provider did: a block that is whole at its start. Not for chats.
  record Provided(JsonNode json) implements Block {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static Provided of(String json) {
      try {
        return new Provided(JSON.readTree(json));
      } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /// A tool call. Its id is made when the reply is sent.
  record ToolUse(String name, JsonNode input) implements Block {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// A call whose input is given as JSON text.
    public static ToolUse of(String name, String inputJson) {
      try {
        return new ToolUse(name, JSON.readTree(inputJson));
      } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
        throw new UncheckedIOException(e);
      }
    }

    /// A call whose input has only text fields.
    public static ToolUse of(String name, Map<String, String> input) {
      ObjectNode node = JsonNodeFactory.instance.objectNode();
      input.forEach(node::put);
      return new ToolUse(name, node);
    }

    public static ToolUse bash(String command) {
      return of("bash", Map.of("command", command));
    }
  }
}
