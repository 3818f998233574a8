package io.steward.e2e.model;

import static io.steward.e2e.model.RefusedRequestException.unless;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// What the real API demands of the messages of a request: roles, blocks, the pairing of tool calls
/// and results; and that what the model said comes back as it was said.
final class MessageRules {
  private static final Pattern TOOL_USE_ID = Pattern.compile("[a-zA-Z0-9_-]+");
  private static final Map<String, Set<String>> FIELDS =
      Map.of(
          "text", Set.of("type", "text", "citations", "cache_control"),
          "thinking", Set.of("type", "thinking", "signature"),
          "redacted_thinking", Set.of("type", "data"),
          "tool_use", Set.of("type", "id", "name", "input", "cache_control", "caller"),
          "tool_result", Set.of("type", "tool_use_id", "content", "is_error", "cache_control"),
          "image", Set.of("type", "source", "cache_control"),
          "document", Set.of("type", "source", "title", "context", "citations", "cache_control"),
          "search_result",
              Set.of("type", "source", "title", "content", "citations", "cache_control"));
  private static final Set<String> ASSISTANT_ONLY =
      Set.of("thinking", "redacted_thinking", "tool_use");

  private final Script script;
  private final boolean hasTools;
  private final Set<String> toolUseIds = new HashSet<>();

  private MessageRules(Script script, boolean hasTools) {
    this.script = script;
    this.hasTools = hasTools;
  }

  static void check(JsonNode body, Script script) throws RefusedRequestException {
    JsonNode messages = body.path("messages");
    unless(messages.isArray() && !messages.isEmpty(), "messages: at least one message is required");
    new MessageRules(script, body.path("tools").size() > 0).check(messages);
  }

  /// One message of one side.
  private record Turn(String role, ArrayNode blocks) {}

  private void check(JsonNode messages) throws RefusedRequestException {
    List<Turn> turns = turns(messages);
    unless(
        turns.getFirst().role().equals("user"), "messages: first message must use the user role");
    unless(
        turns.getLast().role().equals("user") || script.isPaused(said(turns.getLast().blocks())),
        "This model does not support assistant message prefill. "
            + "The conversation must end with a user message.");
    checkAlternation(turns);
    Set<String> open = Set.of();
    for (Turn turn : turns) {
      for (JsonNode block : turn.blocks()) {
        checkBlock(turn.role(), block);
      }
      if (turn.role().equals("user")) {
        checkResults(turn.blocks(), open);
        open = Set.of();
      } else {
        unless(open.isEmpty(), "messages: an assistant message after open tool calls " + open);
        open = checkCalls(turn.blocks());
      }
    }
    unless(open.isEmpty(), "messages: `tool_use` ids without `tool_result` blocks: " + open);
    for (Turn turn : currentLoop(turns)) {
      checkThoughts(turn.blocks());
    }
  }

  private static List<Turn> turns(JsonNode messages) throws RefusedRequestException {
    List<Turn> turns = new ArrayList<>();
    for (JsonNode message : messages) {
      String role = message.path("role").asText();
      unless(role.equals("user") || role.equals("assistant"), "messages: unknown role " + role);
      unless(message.size() == 2, "messages: Extra inputs are not permitted: " + message);
      JsonNode content = message.path("content");
      unless(content.isTextual() || content.isArray(), "messages.content: Field required");
      ArrayNode blocks = ModelRequest.blocksOf(content);
      unless(!blocks.isEmpty(), "messages: all messages must have non-empty content");
      turns.add(new Turn(role, blocks));
    }
    return turns;
  }

  /// Stricter than the real API, which joins messages of one role: whoever sends two has lost track
  /// of the conversation. Only a reply that paused is followed by the reply that goes on.
  private void checkAlternation(List<Turn> turns) throws RefusedRequestException {
    for (int i = 1; i < turns.size(); i++) {
      Turn before = turns.get(i - 1);
      boolean goesOn = before.role().equals("assistant") && script.isPaused(said(before.blocks()));
      unless(
          !before.role().equals(turns.get(i).role()) || goesOn,
          "messages: roles must alternate between \"user\" and \"assistant\", but found two "
              + before.role()
              + " messages in a row");
    }
  }

  /// The blocks as the model said them: only what it can say, without marks.
  static ArrayNode said(ArrayNode blocks) {
    ArrayNode said = JsonNodeFactory.instance.arrayNode();
    for (JsonNode block : blocks) {
      ObjectNode copy = JsonNodeFactory.instance.objectNode();
      for (String field : List.of("type", "text", "thinking", "signature", "id", "name", "input")) {
        if (block.has(field)) {
          copy.set(field, block.get(field));
        }
      }
      said.add(copy);
    }
    return said;
  }

  /// The assistant messages since the user last said something else than results of tools.
  private static List<Turn> currentLoop(List<Turn> turns) {
    List<Turn> loop = new ArrayList<>();
    for (Turn turn : turns) {
      if (turn.role().equals("assistant")) {
        loop.add(turn);
      } else if (!holds(turn.blocks(), "tool_result")) {
        loop.clear();
      }
    }
    return loop;
  }

  private static boolean holds(ArrayNode blocks, String type) {
    for (JsonNode block : blocks) {
      if (block.path("type").asText().equals(type)) {
        return true;
      }
    }
    return false;
  }

  /// Between tool rounds all thinking comes back that led to a call.
  private void checkThoughts(ArrayNode blocks) throws RefusedRequestException {
    List<String> thoughts = new ArrayList<>();
    for (JsonNode block : blocks) {
      if (block.path("type").asText().equals("thinking")) {
        thoughts.add(block.path("signature").asText());
      }
      if (block.path("type").asText().equals("tool_use")) {
        List<String> led = script.thoughtBefore(block.path("id").asText());
        unless(
            thoughts.equals(led),
            "messages: Expected `thinking` before `tool_use` "
                + block.path("id").asText()
                + " with signatures "
                + led
                + ", but found "
                + thoughts);
      }
    }
  }

  private void checkBlock(String role, JsonNode block) throws RefusedRequestException {
    String type = block.path("type").asText();
    Set<String> fields = FIELDS.get(type);
    if (fields == null) {
      throw RefusedRequestException.invalid("messages: unknown block type '" + type + "'");
    }
    for (Iterator<String> names = block.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      unless(fields.contains(name), "messages: " + type + "." + name + " is not permitted");
    }
    RequestRules.checkMark(block);
    unless(
        role.equals("assistant") || !ASSISTANT_ONLY.contains(type),
        "messages: " + type + " blocks can only be in assistant messages");
    unless(
        role.equals("user") || !type.equals("tool_result"),
        "messages: tool_result blocks can only be in user messages");
    switch (type) {
      case "text" -> checkText(block);
      case "thinking" -> checkThinking(block);
      case "tool_use" -> checkCall(block);
      case "tool_result" -> checkResult(block);
      case "image", "document", "search_result" -> SourceRules.check(block);
      default -> {}
    }
  }

  private static void checkText(JsonNode block) throws RefusedRequestException {
    unless(
        RequestRules.isText(block.path("text")),
        "messages: text content blocks must contain non-whitespace text");
  }

  private void checkThinking(JsonNode block) throws RefusedRequestException {
    String said = script.thinking(block.path("signature").asText());
    unless(said != null, "messages: Invalid `signature` in `thinking` block");
    unless(
        block.path("thinking").asText().equals(said),
        "messages: `thinking` blocks in the latest assistant message cannot be modified");
  }

  private void checkCall(JsonNode block) throws RefusedRequestException {
    String id = block.path("id").asText();
    unless(TOOL_USE_ID.matcher(id).matches(), "messages: tool_use.id: invalid '" + id + "'");
    unless(toolUseIds.add(id), "messages: `tool_use` ids must be unique: " + id);
    unless(block.path("input").isObject(), "messages: tool_use.input: should be a dictionary");
    unless(!block.path("name").asText().isEmpty(), "messages: tool_use.name: at least 1 character");
    unless(hasTools, "Requests which include `tool_use` or `tool_result` blocks must define tools");
    JsonNode said = script.toolUse(id);
    if (said == null) {
      throw RefusedRequestException.invalid("messages: this model never called a tool as " + id);
    }
    unless(
        said.path("name").equals(block.path("name"))
            && said.path("input").equals(block.path("input")),
        "messages: tool call " + id + " came back altered: " + block + ", not " + said);
  }

  private static void checkResult(JsonNode block) throws RefusedRequestException {
    JsonNode content = block.path("content");
    ArrayNode blocks = ModelRequest.blocksOf(content);
    unless(
        !block.path("is_error").asBoolean() || !blocks.isEmpty(),
        "messages: content cannot be empty if `is_error` is true");
    for (JsonNode inner : blocks) {
      String type = inner.path("type").asText();
      unless(
          Set.of("text", "image", "document", "search_result").contains(type),
          "messages: tool_result.content: unknown block type '" + type + "'");
      if (type.equals("text")) {
        checkText(inner);
      } else {
        SourceRules.check(inner);
      }
      RequestRules.checkMark(inner);
    }
  }

  private static Set<String> checkCalls(ArrayNode blocks) throws RefusedRequestException {
    Set<String> open = new LinkedHashSet<>();
    for (JsonNode block : blocks) {
      String type = block.path("type").asText();
      if (type.equals("tool_use")) {
        open.add(block.path("id").asText());
      } else {
        unless(open.isEmpty(), "messages: " + type + " after tool_use in an assistant message");
      }
    }
    return open;
  }

  private static void checkResults(ArrayNode blocks, Set<String> open)
      throws RefusedRequestException {
    Set<String> missing = new LinkedHashSet<>(open);
    boolean resultsOver = false;
    for (JsonNode block : blocks) {
      if (block.path("type").asText().equals("tool_result")) {
        String id = block.path("tool_use_id").asText();
        unless(
            open.contains(id),
            "messages: unexpected `tool_use_id` found in `tool_result` blocks: " + id);
        unless(missing.remove(id), "messages: each tool_use must have a single result: " + id);
        unless(!resultsOver, "messages: tool_result blocks must come first: " + id);
      } else {
        resultsOver = true;
      }
    }
    unless(
        missing.isEmpty(),
        "messages: `tool_use` ids were found without `tool_result` blocks immediately after: "
            + missing);
  }
}
