package io.steward.vaultproxy.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.egress.McpTool;
import io.steward.schemas.egress.McpToolList;
import io.steward.schemas.json.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Which of a server's tools can be offered to a model. One that cannot is left out; the others are
/// none the worse for it.
final class ToolRules {
  private final List<McpTool> tools = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private long bytes;
  private int leftOut;
  private String firstReason = "";

  /// Whether no more are looked at.
  boolean isFull() {
    return tools.size() >= McpToolList.TOOLS_MAX || bytes >= McpLimits.TOOLS_BYTES_MAX;
  }

  /// @param tool as the server describes it
  void add(JsonNode tool) {
    String name = tool.path("name").asText("");
    if (!tool.path("name").isTextual()
        || name.isEmpty()
        || name.length() > McpTool.NAME_CHARS_MAX) {
      leaveOut(
          "its name has %d characters, not 1 to %d"
              .formatted(name.length(), McpTool.NAME_CHARS_MAX));
    } else if (!(tool.path("inputSchema") instanceof ObjectNode schema)
        || !schema.path("type").asText("").equals("object")) {
      leaveOut("its input schema is not of type object");
    } else {
      add(name, tool.path("description").asText(""), schema);
    }
  }

  private void add(String name, String description, ObjectNode schema) {
    int schemaBytes = Json.bytes(schema).length;
    String cut = cut(description);
    if (schemaBytes > McpTool.SCHEMA_BYTES_MAX) {
      leaveOut(
          "its input schema has %d bytes, more than %d"
              .formatted(schemaBytes, McpTool.SCHEMA_BYTES_MAX));
    } else if (isFull() || bytes + schemaBytes + cut.length() > McpLimits.TOOLS_BYTES_MAX) {
      leaveOut(
          "only %d tools of at most %d bytes in all are offered"
              .formatted(McpToolList.TOOLS_MAX, McpLimits.TOOLS_BYTES_MAX));
    } else if (!names.add(name)) {
      leaveOut("another one has its name");
    } else {
      bytes += schemaBytes + cut.length();
      tools.add(new McpTool(name, cut.isEmpty() ? null : cut, schema));
    }
  }

  /// Never half of a character.
  private static String cut(String description) {
    if (description.length() <= McpTool.DESCRIPTION_CHARS_MAX) {
      return description;
    }
    int end = McpTool.DESCRIPTION_CHARS_MAX;
    return description.substring(
        0, Character.isHighSurrogate(description.charAt(end - 1)) ? end - 1 : end);
  }

  private void leaveOut(String reason) {
    if (leftOut++ == 0) {
      firstReason = reason;
    }
  }

  List<McpTool> tools() {
    return List.copyOf(tools);
  }

  int leftOut() {
    return leftOut;
  }

  /// Why the first one was left out; empty when none was.
  String firstReason() {
    return firstReason;
  }
}
