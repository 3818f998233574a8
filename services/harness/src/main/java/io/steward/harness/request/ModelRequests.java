package io.steward.harness.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.agent.ModelConfig;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.session.SessionFacts;
import org.jspecify.annotations.Nullable;

/// Builds the model request of a session. Three marks tell the provider what to cache: the last
/// tool, the system prompt, the newest block of the conversation. The first two never move.
public final class ModelRequests {
  private static final String DEFAULT_EFFORT = "high";
  private static final String DEFAULT_SPEED = "standard";

  private ModelRequests() {}

  /// @param maxTokens the longest reply
  public static ModelRequest of(SessionFacts facts, long maxTokens) {
    SessionAgent agent = facts.agent();
    ModelConfig model = agent.model();
    ArrayNode tools = OfferedTools.of(agent).definitions();
    if (tools.isEmpty()) {
      tools = OfferedTools.calledIn(facts.transcript());
    }
    markLast(tools);
    ArrayNode messages = Conversation.of(facts.transcript());
    if (!messages.isEmpty()) {
      JsonNode last = messages.get(messages.size() - 1);
      if (last.path("role").asText().equals(Conversation.USER)) {
        markLast(last.path("content"));
      }
    }
    String effort = model.effort().type();
    return new ModelRequest(
        model.id(),
        maxTokens,
        system(agent.system()),
        tools,
        messages,
        effort.equals(DEFAULT_EFFORT) ? null : effort,
        model.speed().equals(DEFAULT_SPEED) ? null : model.speed(),
        model.inferenceGeo());
  }

  private static @Nullable ArrayNode system(@Nullable String prompt) {
    if (prompt == null || prompt.isBlank()) {
      return null;
    }
    ArrayNode system = JsonNodeFactory.instance.arrayNode();
    system.add(Conversation.text(prompt));
    markLast(system);
    return system;
  }

  private static void markLast(JsonNode list) {
    if (!list.isEmpty() && list.get(list.size() - 1) instanceof ObjectNode last) {
      last.putObject("cache_control").put("type", "ephemeral");
    }
  }
}
