package io.steward.harness.model.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Messages of the Messages API as chat messages. Results of calls become messages of the role
/// `tool`, which hold text only: their images and documents follow as a message of the user.
final class OpenAiMessages {
  private static final String TYPE = "type";
  private static final String TEXT = "text";
  private static final String CONTENT = "content";
  private static final String ROLE = "role";
  private static final String USER = "user";

  private final ArrayNode messages = JsonNodeFactory.instance.arrayNode();

  private OpenAiMessages() {}

  static ArrayNode of(@Nullable ArrayNode system, ArrayNode messages) {
    OpenAiMessages chat = new OpenAiMessages();
    if (system != null) {
      chat.message("system").put(CONTENT, joined(texts(system)));
    }
    for (JsonNode message : messages) {
      JsonNode content = message.path(CONTENT);
      ArrayNode blocks = content.isArray() ? (ArrayNode) content : text(content.asText());
      if (message.path(ROLE).asText().equals(USER)) {
        chat.user(blocks);
      } else {
        chat.assistant(blocks);
      }
    }
    return chat.messages;
  }

  private ObjectNode message(String role) {
    return messages.addObject().put(ROLE, role);
  }

  private void assistant(ArrayNode blocks) {
    List<String> texts = texts(blocks);
    ArrayNode calls = JsonNodeFactory.instance.arrayNode();
    for (JsonNode block : blocks) {
      if (type(block).equals("tool_use")) {
        ObjectNode call = calls.addObject().put("id", block.path("id").asText());
        call.put(TYPE, "function")
            .putObject("function")
            .put("name", block.path("name").asText())
            .put("arguments", block.path("input").toString());
      }
    }
    if (texts.isEmpty() && calls.isEmpty()) {
      return;
    }
    ObjectNode message = message("assistant");
    if (texts.isEmpty()) {
      message.putNull(CONTENT);
    } else {
      message.put(CONTENT, joined(texts));
    }
    if (!calls.isEmpty()) {
      message.set("tool_calls", calls);
    }
  }

  private void user(ArrayNode blocks) {
    ArrayNode parts = JsonNodeFactory.instance.arrayNode();
    for (JsonNode block : blocks) {
      if (type(block).equals("tool_result")) {
        result(block, parts);
      }
    }
    for (JsonNode block : blocks) {
      if (!type(block).equals("tool_result")) {
        OpenAiParts.add(block, parts);
      }
    }
    if (parts.isEmpty()) {
      return;
    }
    // Many servers take lists only of models that read images.
    boolean textOnly = parts.valueStream().allMatch(part -> type(part).equals(TEXT));
    ObjectNode message = message(USER);
    if (textOnly) {
      message.put(CONTENT, joined(texts(parts)));
    } else {
      message.set(CONTENT, parts);
    }
  }

  /// @param parts gets what a result cannot hold
  private void result(JsonNode result, ArrayNode parts) {
    String id = result.path("tool_use_id").asText();
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    JsonNode content = result.path(CONTENT);
    (content.isArray() ? content : text(content.asText()))
        .forEach(block -> OpenAiParts.add(block, all));
    List<String> texts = texts(all);
    List<JsonNode> others = all.valueStream().filter(part -> !type(part).equals(TEXT)).toList();
    if (!others.isEmpty()) {
      texts.add("(What else the result holds follows in a message of the user.)");
      parts.addObject().put(TYPE, TEXT).put(TEXT, "The result of the call " + id + " also holds:");
      parts.addAll(others);
    }
    String error = result.path("is_error").asBoolean() ? "Error: " : "";
    message("tool").put("tool_call_id", id).put(CONTENT, error + joined(texts));
  }

  private static List<String> texts(JsonNode blocks) {
    List<String> texts = new ArrayList<>();
    for (JsonNode block : blocks) {
      if (type(block).equals(TEXT)) {
        texts.add(block.path(TEXT).asText());
      }
    }
    return texts;
  }

  private static ArrayNode text(String text) {
    ArrayNode blocks = JsonNodeFactory.instance.arrayNode();
    blocks.addObject().put(TYPE, TEXT).put(TEXT, text);
    return blocks;
  }

  private static String joined(List<String> texts) {
    return String.join("\n\n", texts);
  }

  private static String type(JsonNode block) {
    return block.path(TYPE).asText();
  }
}
