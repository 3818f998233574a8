package io.steward.e2e.stage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// Events a client sends, as JSON text.
public final class Events {
  public static final String INTERRUPT = "{\"type\":\"user.interrupt\"}";

  private Events() {}

  public static String message(String text) {
    return withText(event("user.message"), text);
  }

  public static String systemMessage(String text) {
    return withText(event("system.message"), text);
  }

  /// @param call the waiting `agent.tool_use`
  /// @param result `allow` or `deny`
  public static String confirmation(JsonNode call, String result) {
    return event("user.tool_confirmation")
        .put("tool_use_id", call.path("id").asText())
        .put("result", result)
        .toString();
  }

  /// @param call the waiting `agent.custom_tool_use`
  public static String customResult(JsonNode call, String text) {
    return withText(
        event("user.custom_tool_result").put("custom_tool_use_id", call.path("id").asText()), text);
  }

  private static ObjectNode event(String type) {
    return JsonNodeFactory.instance.objectNode().put("type", type);
  }

  private static String withText(ObjectNode event, String text) {
    event.putArray("content").addObject().put("type", "text").put("text", text);
    return event.toString();
  }
}
