package io.steward.harness.model.content;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/// Finds content blocks in messages, also in results of tool calls.
final class FileBlocks {
  private static final String TYPE = "type";

  private FileBlocks() {}

  /// The blocks whose source is a file, in their order.
  static List<ObjectNode> in(JsonNode messages) {
    List<ObjectNode> found = new ArrayList<>();
    for (ObjectNode block : all(messages)) {
      if (block.at("/source/type").asText().equals("file")) {
        found.add(block);
      }
    }
    return found;
  }

  /// All blocks, those in results of tool calls after the result itself.
  static List<ObjectNode> all(JsonNode messages) {
    List<ObjectNode> found = new ArrayList<>();
    for (JsonNode message : messages) {
      collect(message.path("content"), found);
    }
    return found;
  }

  static String fileId(JsonNode block) {
    return block.at("/source/file_id").asText();
  }

  static boolean isImage(JsonNode block) {
    return block.path(TYPE).asText().equals("image");
  }

  static boolean isDocument(JsonNode block) {
    return block.path(TYPE).asText().equals("document");
  }

  /// Turns the block into a text; its mark for the provider's cache stays.
  static void say(ObjectNode block, String text) {
    block.retain("cache_control");
    block.put(TYPE, "text").put("text", text);
  }

  private static void collect(JsonNode content, List<ObjectNode> found) {
    for (JsonNode block : content) {
      if (block instanceof ObjectNode object) {
        found.add(object);
        if (block.path(TYPE).asText().equals("tool_result")) {
          collect(block.path("content"), found);
        }
      }
    }
  }
}
