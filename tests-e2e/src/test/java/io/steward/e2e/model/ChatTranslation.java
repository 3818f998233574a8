package io.steward.e2e.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// A chat completion request as a request of the Messages API, so that one script can read both.
final class ChatTranslation {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ChatTranslation() {}

  static JsonNode asMessages(JsonNode chat) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.set("model", chat.path("model"));
    ArrayNode tools = body.putArray("tools");
    for (JsonNode tool : chat.path("tools")) {
      JsonNode function = tool.path("function");
      tools
          .addObject()
          .put("name", function.path("name").asText())
          .put("description", function.path("description").asText())
          .set("input_schema", function.path("parameters"));
    }
    if (chat.path("tool_choice").isTextual()) {
      body.putObject("tool_choice").put("type", chat.path("tool_choice").asText());
    }
    ArrayNode system = body.putArray("system");
    ArrayNode messages = body.putArray("messages");
    for (JsonNode message : chat.path("messages")) {
      switch (message.path("role").asText()) {
        case "system", "developer" -> system.addAll(parts(message.path("content")));
        case "assistant" -> assistant(message, messages.addObject());
        case "tool" -> result(message, userMessage(messages));
        default -> userMessage(messages).addAll(parts(message.path("content")));
      }
    }
    return body;
  }

  /// The content of the user message at the end, which is begun if there is none.
  private static ArrayNode userMessage(ArrayNode messages) {
    JsonNode last = messages.path(messages.size() - 1);
    if (last.path("role").asText().equals("user") && last.path("content") instanceof ArrayNode in) {
      return in;
    }
    return messages.addObject().put("role", "user").putArray("content");
  }

  private static void assistant(JsonNode chat, ObjectNode message) {
    ArrayNode content = message.put("role", "assistant").putArray("content");
    content.addAll(parts(chat.path("content")));
    for (JsonNode call : chat.path("tool_calls")) {
      content
          .addObject()
          .put("type", "tool_use")
          .put("id", call.path("id").asText())
          .put("name", call.at("/function/name").asText())
          .set("input", arguments(call));
    }
  }

  private static void result(JsonNode chat, ArrayNode content) {
    content
        .addObject()
        .put("type", "tool_result")
        .put("tool_use_id", chat.path("tool_call_id").asText())
        .set("content", parts(chat.path("content")));
  }

  /// The arguments of a call as JSON, or null in JSON when they are none.
  static JsonNode arguments(JsonNode call) {
    try {
      return JSON.readTree(call.at("/function/arguments").asText());
    } catch (JsonProcessingException e) {
      return JsonNodeFactory.instance.nullNode();
    }
  }

  private static ArrayNode parts(JsonNode content) {
    ArrayNode blocks = JsonNodeFactory.instance.arrayNode();
    if (content.isTextual() && !content.asText().isEmpty()) {
      blocks.addObject().put("type", "text").put("text", content.asText());
    }
    for (JsonNode part : content) {
      blocks.add(part);
    }
    return blocks;
  }
}
