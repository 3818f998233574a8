package io.steward.e2e.model;

import static io.steward.e2e.model.RefusedRequestException.unless;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.regex.Pattern;

/// What the real API demands of the tools of a request.
final class ToolRules {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]{1,128}");
  private static final Pattern PROPERTY = Pattern.compile("[a-zA-Z0-9_.-]{1,64}");
  private static final Set<String> FIELDS =
      Set.of("type", "name", "description", "input_schema", "cache_control", "strict");
  private static final String WEB_SEARCH = "web_search_20250305";
  private static final Set<String> WEB_SEARCH_FIELDS =
      Set.of(
          "type",
          "name",
          "max_uses",
          "allowed_domains",
          "blocked_domains",
          "user_location",
          "cache_control");
  private static final Set<String> CHOICES = Set.of("auto", "any", "tool", "none");
  private static final Set<String> TYPES =
      Set.of("object", "array", "string", "integer", "number", "boolean", "null");

  private ToolRules() {}

  /// `tool_choice` names a way to choose among tools that are there, and forces none on a model
  /// that thinks first.
  static void checkChoice(JsonNode body) throws RefusedRequestException {
    JsonNode choice = body.path("tool_choice");
    if (choice.isMissingNode()) {
      return;
    }
    String type = choice.path("type").asText();
    unless(CHOICES.contains(type), "tool_choice.type: unknown '" + type + "'");
    for (Iterator<String> names = choice.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      boolean known =
          name.equals("type")
              || (name.equals("name") && type.equals("tool"))
              || (name.equals("disable_parallel_tool_use") && !type.equals("none"));
      unless(known, "tool_choice." + type + "." + name + ": Extra inputs are not permitted");
    }
    unless(!body.path("tools").isEmpty(), "tool_choice may only be specified with tools");
    boolean thinks = !Set.of("", "disabled").contains(body.at("/thinking/type").asText());
    boolean forces = type.equals("any") || type.equals("tool");
    unless(!thinks || !forces, "Thinking may not be enabled when tool_choice forces tool use.");
    if (type.equals("tool")) {
      boolean there = false;
      for (JsonNode tool : body.path("tools")) {
        there |= tool.path("name").equals(choice.path("name"));
      }
      unless(there, "tool_choice: no tool named " + choice.path("name"));
    }
  }

  static void check(JsonNode tools) throws RefusedRequestException {
    if (tools.isMissingNode()) {
      return;
    }
    unless(tools.isArray(), "tools: Input should be a valid list");
    Set<String> seen = new HashSet<>();
    for (JsonNode tool : tools) {
      String name = tool.path("name").asText();
      unless(NAME.matcher(name).matches(), "tools: invalid name '" + name + "'");
      unless(seen.add(name), "tools: Tool names must be unique: " + name);
      boolean searches = tool.path("type").asText().equals(WEB_SEARCH);
      for (Iterator<String> fields = tool.fieldNames(); fields.hasNext(); ) {
        String field = fields.next();
        unless(
            (searches ? WEB_SEARCH_FIELDS : FIELDS).contains(field),
            "tools." + name + "." + field + ": not permitted");
      }
      RequestRules.checkMark(tool);
      if (searches) {
        checkSearch(tool);
      } else {
        checkTopLevel(name, tool.path("input_schema"));
      }
    }
  }

  /// The provider's own tool: it has a fixed name, and one list of domains at most.
  private static void checkSearch(JsonNode tool) throws RefusedRequestException {
    unless(tool.path("name").asText().equals("web_search"), "tools: name must be web_search");
    unless(
        !tool.has("allowed_domains") || !tool.has("blocked_domains"),
        "tools.web_search: only one of allowed_domains and blocked_domains");
    JsonNode location = tool.path("user_location");
    unless(
        location.isMissingNode() || location.path("type").asText().equals("approximate"),
        "tools.web_search.user_location.type: must be approximate");
  }

  private static void checkTopLevel(String tool, JsonNode schema) throws RefusedRequestException {
    String where = "tools." + tool + ".input_schema";
    unless(schema.isObject(), where + ": Field required");
    unless(schema.path("type").asText().equals("object"), where + ".type: should be 'object'");
    unless(
        !schema.has("oneOf") && !schema.has("anyOf") && !schema.has("allOf"),
        where + ": does not support oneOf, allOf, or anyOf at the top level");
    checkSchema(where, schema);
  }

  private static void checkSchema(String where, JsonNode schema) throws RefusedRequestException {
    JsonNode type = schema.path("type");
    unless(
        type.isMissingNode() || type.isArray() || TYPES.contains(type.asText()),
        where + ": unknown type " + type);
    JsonNode properties = schema.path("properties");
    for (Iterator<String> names = properties.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      unless(PROPERTY.matcher(name).matches(), where + ": invalid property '" + name + "'");
      unless(properties.get(name).isObject(), where + "." + name + ": not a schema");
      checkSchema(where + "." + name, properties.get(name));
    }
    for (JsonNode required : schema.path("required")) {
      unless(required.isTextual(), where + ".required: should be a list of names");
    }
    if (schema.path("items").isObject()) {
      checkSchema(where + "[]", schema.path("items"));
    }
  }
}
