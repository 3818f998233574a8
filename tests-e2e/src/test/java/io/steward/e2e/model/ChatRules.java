package io.steward.e2e.model;

import static io.steward.e2e.model.RefusedRequestException.unless;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// What a strict server demands of a chat completion: known fields only, roles, and the pairing of
/// tool calls and tool messages.
final class ChatRules {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]{1,64}");
  private static final Set<String> PARAMETERS =
      Set.of(
          "model",
          "messages",
          "stream",
          "stream_options",
          "max_tokens",
          "max_completion_tokens",
          "temperature",
          "top_p",
          "stop",
          "tools",
          "tool_choice",
          "parallel_tool_calls",
          "reasoning_effort");
  private static final Map<String, Set<String>> FIELDS =
      Map.of(
          "system", Set.of("role", "content"),
          "developer", Set.of("role", "content"),
          "user", Set.of("role", "content"),
          "assistant", Set.of("role", "content", "tool_calls"),
          "tool", Set.of("role", "content", "tool_call_id"));
  private static final Map<String, Set<String>> PARTS =
      Map.of(
          "text", Set.of("type", "text"),
          "image_url", Set.of("type", "image_url"),
          "file", Set.of("type", "file"));

  private final Script script;
  private final boolean hasTools;
  private final Set<String> callIds = new HashSet<>();
  private final Set<String> open = new LinkedHashSet<>();

  private ChatRules(Script script, boolean hasTools) {
    this.script = script;
    this.hasTools = hasTools;
  }

  static void check(JsonNode body, Script script) throws RefusedRequestException {
    unless(body.isObject(), "the body is not a JSON object");
    only("body", body, PARAMETERS);
    unless(RequestRules.isText(body.path("model")), "model: required");
    unless(body.path("stream").asBoolean(), "stream: this model only streams");
    unless(
        body.at("/stream_options/include_usage").asBoolean(),
        "stream_options.include_usage: without it nobody would know what it costs");
    unless(
        !body.has("max_tokens") || !body.has("max_completion_tokens"),
        "max_tokens and max_completion_tokens exclude each other");
    checkTools(body);
    JsonNode messages = body.path("messages");
    unless(messages.isArray() && !messages.isEmpty(), "messages: at least one is required");
    new ChatRules(script, body.has("tools")).check(messages);
  }

  private static void checkTools(JsonNode body) throws RefusedRequestException {
    JsonNode tools = body.path("tools");
    unless(!body.has("tools") || !tools.isEmpty(), "tools: [] is too short - 'tools'");
    unless(body.has("tools") || !body.has("tool_choice"), "tool_choice: only allowed with tools");
    Set<String> names = new HashSet<>();
    for (JsonNode tool : tools) {
      only("tools", tool, Set.of("type", "function"));
      unless(tool.path("type").asText().equals("function"), "tools.type: must be function");
      JsonNode function = tool.path("function");
      only("function", function, Set.of("name", "description", "parameters", "strict"));
      String name = function.path("name").asText();
      unless(NAME.matcher(name).matches(), "tools.function.name: '" + name + "'");
      unless(names.add(name), "tools: duplicate function " + name);
      unless(
          function.at("/parameters/type").asText().equals("object"),
          "tools." + name + ".parameters: should be an object schema");
    }
    JsonNode choice = body.path("tool_choice");
    unless(
        !choice.isTextual() || Set.of("auto", "none", "required").contains(choice.asText()),
        "tool_choice: " + choice);
  }

  private void check(JsonNode messages) throws RefusedRequestException {
    String before = "";
    for (JsonNode message : messages) {
      String role = message.path("role").asText();
      Set<String> fields = FIELDS.get(role);
      if (fields == null) {
        throw RefusedRequestException.invalid("messages: unknown role '" + role + "'");
      }
      only(role + " message", message, fields);
      if (role.equals("tool")) {
        checkResult(message);
      } else {
        unless(
            open.isEmpty(),
            "An assistant message with 'tool_calls' must be followed by tool messages responding "
                + "to each 'tool_call_id': "
                + open);
        unless(!role.equals("system") || Set.of("", "system").contains(before), "late system");
        checkContent(role, message);
      }
      unless(
          !role.equals(before) || role.equals("tool") || role.equals("system"),
          "messages: two " + role + " messages in a row");
      before = role;
    }
    unless(open.isEmpty(), "messages: tool calls without tool messages: " + open);
    unless(Set.of("user", "tool").contains(before), "messages: the last one is by " + before);
  }

  private void checkContent(String role, JsonNode message) throws RefusedRequestException {
    JsonNode calls = message.path("tool_calls");
    JsonNode content = message.path("content");
    boolean mayBeMissing = role.equals("assistant") && !calls.isEmpty();
    unless(
        content.isTextual() || content.isArray() || mayBeMissing,
        "messages: content of a " + role + " message is required");
    unless(!content.isArray() || !content.isEmpty(), "messages: content: [] is too short");
    for (JsonNode part : content) {
      String type = part.path("type").asText();
      Set<String> fields = PARTS.get(type);
      if (fields == null || (!role.equals("user") && !type.equals("text"))) {
        throw RefusedRequestException.invalid(
            "messages: a " + role + " message has no part '" + type + "'");
      }
      only(type, part, fields);
    }
    unless(!message.has("tool_calls") || !calls.isEmpty(), "tool_calls: [] is too short");
    for (JsonNode call : calls) {
      checkCall(call);
    }
  }

  private void checkCall(JsonNode call) throws RefusedRequestException {
    unless(hasTools, "messages: tool calls in a request without tools");
    only("tool_calls", call, Set.of("id", "type", "function"));
    unless(call.path("type").asText().equals("function"), "tool_calls.type: must be function");
    only("tool_calls.function", call.path("function"), Set.of("name", "arguments"));
    String id = call.path("id").asText();
    unless(!id.isEmpty() && callIds.add(id), "tool_calls: ids must be unique: '" + id + "'");
    unless(call.at("/function/arguments").isTextual(), "tool_calls: arguments must be a string");
    JsonNode said = script.toolUse(id);
    if (said == null) {
      throw RefusedRequestException.invalid("messages: this model never called a tool as " + id);
    }
    unless(
        said.path("name").equals(call.at("/function/name"))
            && said.path("input").equals(ChatTranslation.arguments(call)),
        "messages: tool call " + id + " came back altered: " + call + ", not " + said);
    open.add(id);
  }

  private void checkResult(JsonNode message) throws RefusedRequestException {
    String id = message.path("tool_call_id").asText();
    unless(
        open.remove(id),
        "messages with role 'tool' must be a response to a preceding message with 'tool_calls': "
            + id);
    checkContent("tool", message);
  }

  private static void only(String where, JsonNode node, Set<String> fields)
      throws RefusedRequestException {
    unless(node.isObject(), where + ": should be an object");
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      unless(fields.contains(name), where + ": unknown field '" + name + "'");
    }
  }
}
