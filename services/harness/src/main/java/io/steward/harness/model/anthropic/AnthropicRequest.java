package io.steward.harness.model.anthropic;

import com.anthropic.core.JsonValue;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.ToolChoiceNone;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.harness.request.ModelRequest;
import java.util.Iterator;

/// The body of a request. Everything goes through as raw JSON, so that blocks the client does not
/// know survive.
final class AnthropicRequest {
  private AnthropicRequest() {}

  static MessageCreateParams of(ModelRequest request) {
    MessageCreateParams.Builder params =
        MessageCreateParams.builder()
            .model(request.model())
            .maxTokens(request.maxTokens())
            .messages(JsonValue.fromJsonNode(signed(request.messages())));
    if (request.system() != null) {
      params.system(JsonValue.fromJsonNode(request.system()));
    }
    if (!request.tools().isEmpty()) {
      params.tools(JsonValue.fromJsonNode(request.tools()));
      if (!request.toolsAllowed()) {
        params.toolChoice(ToolChoiceNone.builder().build());
      }
    }
    if (request.effort() != null) {
      params.outputConfig(
          JsonValue.fromJsonNode(
              JsonNodeFactory.instance.objectNode().put("effort", request.effort())));
    }
    if (request.speed() != null) {
      params.speed(JsonValue.from(request.speed()));
    }
    if (request.inferenceGeo() != null) {
      params.inferenceGeo(request.inferenceGeo());
    }
    return params.build();
  }

  /// The messages without thinking that nobody signed: it is of another provider's model, and the
  /// Messages API refuses it.
  private static ArrayNode signed(ArrayNode messages) {
    boolean foreign = false;
    for (JsonNode message : messages) {
      for (JsonNode block : message.path("content")) {
        foreign |= isUnsigned(block);
      }
    }
    if (!foreign) {
      return messages;
    }
    ArrayNode signed = messages.deepCopy();
    for (JsonNode message : signed) {
      Iterator<JsonNode> blocks = message.path("content").elements();
      while (blocks.hasNext()) {
        if (isUnsigned(blocks.next())) {
          blocks.remove();
        }
      }
    }
    return signed;
  }

  private static boolean isUnsigned(JsonNode block) {
    return block.path("type").asText().equals("thinking")
        && block.path("signature").asText().isEmpty();
  }
}
