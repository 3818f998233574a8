package io.steward.harness.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.StopDetails;
import io.steward.schemas.json.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Puts a reply together from the events of its stream, keeping every block as the model sent it.
public final class ReplyAssembly {
  private static final String TOOL_USE = "tool_use";
  private static final String MAX_TOKENS = "max_tokens";

  private final Map<Integer, Block> blocks = new TreeMap<>();
  private ObjectNode usage = JsonNodeFactory.instance.objectNode();
  private @Nullable String stopReason;
  private @Nullable StopDetails stopDetails;
  private @Nullable String model;
  private boolean complete;

  /// A content block as far as it came.
  private static final class Block {
    private final ObjectNode json;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder thinking = new StringBuilder();
    private final StringBuilder signature = new StringBuilder();
    private final StringBuilder input = new StringBuilder();

    Block(ObjectNode json) {
      this.json = json;
    }
  }

  public void add(JsonNode event) {
    switch (event.path("type").asText()) {
      case "message_start" -> {
        count(event.path("message").path("usage"));
        model = text(event.path("message").path("model"));
      }
      case "content_block_start" -> {
        if (event.path("content_block") instanceof ObjectNode block) {
          blocks.put(event.path("index").asInt(), new Block(block.deepCopy()));
        }
      }
      case "content_block_delta" -> {
        Block block = blocks.get(event.path("index").asInt());
        if (block != null) {
          extend(block, event.path("delta"));
        }
      }
      case "message_delta" -> {
        count(event.path("usage"));
        stop(event.path("delta"));
      }
      case "message_stop" -> complete = true;
      default -> {}
    }
  }

  private static void extend(Block block, JsonNode delta) {
    switch (delta.path("type").asText()) {
      case "text_delta" -> block.text.append(delta.path("text").asText());
      case "thinking_delta" -> block.thinking.append(delta.path("thinking").asText());
      case "signature_delta" -> block.signature.append(delta.path("signature").asText());
      case "input_json_delta" -> block.input.append(delta.path("partial_json").asText());
      case "citations_delta" -> block.json.withArray("citations").add(delta.path("citation"));
      default -> {}
    }
  }

  private void count(JsonNode counted) {
    counted.properties().stream()
        .filter(entry -> isCount(entry.getValue()))
        .forEach(entry -> usage.set(entry.getKey(), entry.getValue()));
  }

  private static boolean isCount(JsonNode value) {
    return value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= 0;
  }

  private void stop(JsonNode delta) {
    if (delta.path("stop_reason").isTextual()) {
      stopReason = delta.path("stop_reason").asText();
    }
    JsonNode details = delta.path("stop_details");
    if (details.path("type").asText().equals("refusal")) {
      stopDetails =
          StopDetails.refusal(text(details.path("category")), text(details.path("explanation")));
    }
  }

  public RequestUsage usage() {
    return new RequestUsage(
        usage.path("input_tokens").asInt(),
        usage.path("output_tokens").asInt(),
        usage.path("cache_creation_input_tokens").asInt(),
        usage.path("cache_read_input_tokens").asInt());
  }

  /// The reply, or a failure when the stream ended early or made no sense.
  ///
  /// @param announced ids of announced events by the index of the block they begin with
  public ModelOutcome outcome(Map<Integer, String> announced) {
    String reason = stopReason;
    if (!complete || reason == null) {
      return failed("The model's reply was cut off.");
    }
    List<JsonNode> content = new ArrayList<>();
    Map<Integer, String> eventIds = new HashMap<>();
    for (Map.Entry<Integer, Block> entry : blocks.entrySet()) {
      Block block = entry.getValue();
      ObjectNode json = block.json;
      int kept = content.size();
      switch (json.path("type").asText()) {
        case "text" -> {
          json.put("text", json.path("text").asText() + block.text);
          if (!json.path("text").asText().isBlank()) {
            content.add(json);
          }
        }
        case "thinking" -> {
          json.put("thinking", json.path("thinking").asText() + block.thinking);
          json.put("signature", json.path("signature").asText() + block.signature);
          content.add(json);
        }
        case TOOL_USE -> {
          if (completeCall(block, reason)) {
            content.add(json);
          } else if (!reason.equals(MAX_TOKENS)) {
            return failed("The model's reply held a tool call that is not JSON.");
          }
        }
        default -> content.add(json);
      }
      String eventId = announced.get(entry.getKey());
      if (eventId != null && content.size() > kept) {
        eventIds.put(kept, eventId);
      }
    }
    boolean says = content.stream().anyMatch(ReplyAssembly::isOutput);
    return says
        ? new ModelOutcome.Replied(content, eventIds, reason, stopDetails, usage(), Map.of(), model)
        : new ModelOutcome.Replied(
            List.of(), Map.of(), reason, stopDetails, usage(), Map.of(), model);
  }

  /// A call that the token limit cut has no input, or half of it.
  private static boolean completeCall(Block block, String reason) {
    if (block.input.isEmpty()) {
      return !reason.equals(MAX_TOKENS);
    }
    try {
      JsonNode input = Json.mapper().readTree(block.input.toString());
      block.json.set("input", input);
      return input.isObject();
    } catch (JsonProcessingException _) {
      return false;
    }
  }

  /// Thinking alone cannot be sent back.
  private static boolean isOutput(JsonNode block) {
    return !block.path("type").asText().endsWith("thinking");
  }

  private ModelOutcome failed(String message) {
    return new ModelOutcome.Failed(
        ModelFailure.of(ModelFailure.Kind.UNAVAILABLE, message), usage());
  }

  private static @Nullable String text(JsonNode node) {
    return node.isTextual() ? node.asText() : null;
  }
}
