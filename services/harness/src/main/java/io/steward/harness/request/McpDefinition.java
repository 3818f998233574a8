package io.steward.harness.request;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.egress.McpTool;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// The definition of an MCP server's tool as model providers take it. A server may write any JSON
/// Schema; one that a provider refuses would end the whole turn.
final class McpDefinition {
  /// What providers refuse at the top of a schema.
  private static final List<String> REFUSED = List.of("oneOf", "anyOf", "allOf", "$schema");

  private static final Pattern PROPERTY = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

  private McpDefinition() {}

  /// The definition; empty when an argument has a name that no provider takes.
  static Optional<ObjectNode> of(String name, String server, McpTool tool) {
    ObjectNode schema = tool.inputSchema().deepCopy();
    schema.remove(REFUSED);
    schema.put("type", "object");
    if (!schema.path("properties").isObject()) {
      schema.remove("properties");
    }
    if (!schema.path("properties").properties().stream()
        .allMatch(property -> PROPERTY.matcher(property.getKey()).matches())) {
      return Optional.empty();
    }
    String description = tool.description();
    ObjectNode definition = JsonNodeFactory.instance.objectNode().put("name", name);
    definition.put(
        "description",
        description == null || description.isBlank()
            ? "The tool " + tool.name() + " of the MCP server " + server + "."
            : description);
    definition.set("input_schema", schema);
    return Optional.of(definition);
  }
}
