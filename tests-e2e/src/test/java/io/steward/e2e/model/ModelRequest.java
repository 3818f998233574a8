package io.steward.e2e.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// One request the model received. Header names are in lower case; `arrivedNanos` is
/// [System#nanoTime()] when its last byte was there; `body` is in the form of the Messages API,
/// whichever protocol it came in; `ended` completes when the reply was sent or the caller hung up.
public record ModelRequest(
    int number,
    long arrivedNanos,
    Map<String, String> headers,
    JsonNode body,
    CompletableFuture<Ending> ended) {

  /// How a request came to its end.
  public enum Ending {
    ANSWERED,
    HUNG_UP
  }

  private static final String COMPACTION = "<compaction>";
  static final int CHARACTERS_PER_TOKEN = 4;

  /// Whether this asks for a summary of the conversation instead of its next message.
  public boolean asksForSummary() {
    List<String> texts = newestUserTexts();
    return !texts.isEmpty()
        && texts.getLast().contains(COMPACTION)
        && (body.path("tools").isEmpty() || body.at("/tool_choice/type").asText().equals("none"));
  }

  /// How many tokens the scripted model counts in a request.
  public static int tokens(JsonNode body) {
    int characters = 0;
    for (String part : List.of("system", "tools", "messages")) {
      characters += body.has(part) ? body.path(part).toString().length() : 0;
    }
    return characters / CHARACTERS_PER_TOKEN;
  }

  /// Everything the model reads, as one text.
  public String text() {
    return body.path("system") + "\n" + body.path("messages");
  }

  /// The assistant messages in the request: how far the session is.
  public int assistantMessages() {
    int count = 0;
    for (JsonNode message : body.path("messages")) {
      count += message.path("role").asText().equals("assistant") ? 1 : 0;
    }
    return count;
  }

  /// The texts of the user messages after the last assistant message, in order.
  public List<String> newestUserTexts() {
    List<String> texts = new ArrayList<>();
    for (JsonNode block : newestUserBlocks()) {
      if (block.path("type").asText().equals("text")) {
        texts.add(block.path("text").asText());
      }
    }
    return texts;
  }

  /// The tool results after the last assistant message, in order.
  public List<ToolOutcome> toolResults() {
    List<ToolOutcome> results = new ArrayList<>();
    for (JsonNode block : newestUserBlocks()) {
      if (block.path("type").asText().equals("tool_result")) {
        results.add(
            new ToolOutcome(
                block.path("tool_use_id").asText(),
                plainText(block.path("content")),
                block.path("is_error").asBoolean()));
      }
    }
    return results;
  }

  /// The system prompt as text.
  public String system() {
    return plainText(body.path("system"));
  }

  /// The names of the tools that were offered, in order.
  public List<String> toolNames() {
    List<String> names = new ArrayList<>();
    body.path("tools").forEach(tool -> names.add(tool.path("name").asText()));
    return names;
  }

  /// Everything that a prompt cache keys on, in order: tools, system and message blocks, without
  /// the marks themselves.
  public List<JsonNode> cacheKeys() {
    List<JsonNode> keys = new ArrayList<>();
    body.path("tools").forEach(tool -> keys.add(unmarked(tool)));
    blocksOf(body.path("system")).forEach(block -> keys.add(unmarked(block)));
    for (JsonNode message : body.path("messages")) {
      for (JsonNode block : blocksOf(message.path("content"))) {
        ObjectNode key = JsonNodeFactory.instance.objectNode();
        key.set("role", message.path("role"));
        key.set("block", unmarked(block));
        keys.add(key);
      }
    }
    return keys;
  }

  private List<JsonNode> newestUserBlocks() {
    List<JsonNode> blocks = new ArrayList<>();
    for (JsonNode message : body.path("messages")) {
      if (message.path("role").asText().equals("assistant")) {
        blocks.clear();
      } else {
        blocksOf(message.path("content")).forEach(blocks::add);
      }
    }
    return blocks;
  }

  static ArrayNode blocksOf(JsonNode content) {
    if (content instanceof ArrayNode blocks) {
      return blocks;
    }
    ArrayNode blocks = JsonNodeFactory.instance.arrayNode();
    if (content.isTextual() && !content.asText().isEmpty()) {
      blocks.addObject().put("type", "text").put("text", content.asText());
    }
    return blocks;
  }

  private static String plainText(JsonNode content) {
    List<String> texts = new ArrayList<>();
    blocksOf(content).forEach(block -> texts.add(block.path("text").asText()));
    return String.join("\n", texts);
  }

  private static JsonNode unmarked(JsonNode node) {
    JsonNode copy = node.deepCopy();
    if (copy instanceof ObjectNode object) {
      object.remove("cache_control");
      for (JsonNode child : object.path("content")) {
        if (child instanceof ObjectNode childObject) {
          childObject.remove("cache_control");
        }
      }
    }
    return copy;
  }
}
