package io.steward.schemas.agent.rules;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.agent.AgentTool.CustomTool;
import io.steward.schemas.agent.ToolConfig;
import java.util.List;
import java.util.regex.Pattern;

/// The rules of a custom tool and of its input schema. Source: contract/core.md §2.8.
final class CustomToolRules {
  private static final int DESCRIPTION_CHARS_MAX = 100_000;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,128}");
  private static final Pattern PROPERTY = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
  private static final List<String> COMBINATIONS = List.of("oneOf", "anyOf", "allOf");

  private CustomToolRules() {}

  static CustomTool read(Fields tool) {
    String name = tool.requiredText("name", 0, Integer.MAX_VALUE);
    if (!NAME.matcher(name).matches()) {
      throw tool.refusal("name", "must be 1 to 128 of the characters A-Z a-z 0-9 _ -");
    }
    if (ToolConfig.NAMES.contains(name) || name.startsWith("mcp__")) {
      throw tool.refusal("name", "must not be a built-in tool's name or start with mcp__");
    }
    String description = tool.requiredText("description", 1, DESCRIPTION_CHARS_MAX);
    return new CustomTool(name, description, schema(tool.requiredObject("input_schema")));
  }

  private static ObjectNode schema(Fields schema) {
    schema.requiredChoice("type", List.of("object"));
    for (String combination : COMBINATIONS) {
      if (schema.has(combination)) {
        throw schema.refusal(combination, "is not allowed at the top of an input schema");
      }
    }
    Fields properties = schema.object("properties");
    if (properties != null) {
      properties.node().fieldNames().forEachRemaining(name -> requireProperty(properties, name));
    }
    schema.list(
        "required",
        Integer.MAX_VALUE,
        (name, path) -> Fields.text(name, path, 0, Integer.MAX_VALUE));
    requireNoReference(schema.node(), schema);
    return schema.node();
  }

  private static void requireProperty(Fields properties, String name) {
    if (!PROPERTY.matcher(name).matches()) {
      throw properties.refusal(
          name, "its name must be 1 to 64 of the characters A-Z a-z 0-9 _ . -");
    }
    JsonNode value = properties.node().get(name);
    if (!value.isObject() && !value.isBoolean()) {
      throw properties.refusal(name, "must be a JSON Schema");
    }
  }

  private static void requireNoReference(JsonNode node, Fields schema) {
    if (node.has("$ref")) {
      throw Fields.refusal(
          schema.path("$ref"), node.get("$ref"), "references are not allowed in an input schema");
    }
    node.forEach(child -> requireNoReference(child, schema));
  }
}
