package io.steward.harness.model.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.harness.decide.IdSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Tells the chunks of a reply as the events by which the Messages API streams one.
///
/// Reasoning becomes a block of thinking without text or signature: it shows that the model thought
/// and is never sent back. What a chunk holds of calls goes to the call that its index or its id
/// names.
final class ReplyEvents {
  private static final String TYPE = "type";
  private static final String TEXT = "text";
  private static final String THINKING = "thinking";

  private final IdSource ids;
  private final CallIds callIds;
  private final List<Call> calls = new ArrayList<>();
  private final StringBuilder refusal = new StringBuilder();
  private @Nullable ObjectNode usage;
  private String finishReason = "";

  /// Type of the block that text or reasoning goes to, and its index.
  private String openType = "";

  private int blocks;

  /// A call as far as it came.
  private static final class Call {
    private final int index;
    private final String givenId;
    private int block = -1;
    private final StringBuilder early = new StringBuilder();

    Call(int index, String givenId) {
      this.index = index;
      this.givenId = givenId;
    }
  }

  ReplyEvents(IdSource ids, CallIds callIds) {
    this.ids = ids;
    this.callIds = callIds;
  }

  /// What one chunk adds.
  List<ObjectNode> of(JsonNode chunk) {
    List<ObjectNode> events = new ArrayList<>();
    if (chunk.path("usage").isObject()) {
      usage = OpenAiUsage.of(chunk.path("usage"));
    }
    JsonNode choice = chunk.path("choices").path(0);
    JsonNode delta =
        choice.path("delta").isObject() ? choice.path("delta") : choice.path("message");
    if (!text(delta, "reasoning_content").isEmpty() || !text(delta, "reasoning").isEmpty()) {
      open(THINKING, events);
    }
    String text = text(delta, "content");
    if (!text.isEmpty()) {
      open(TEXT, events);
      ObjectNode part = object("text_delta").put(TEXT, text);
      events.add(delta(blocks - 1, part));
    }
    refusal.append(text(delta, "refusal"));
    for (JsonNode call : delta.path("tool_calls")) {
      add(call, events);
    }
    if (choice.path("finish_reason").isTextual()) {
      finishReason = choice.path("finish_reason").asText();
    }
    return events;
  }

  /// The end of the reply, or only what was counted when no chunk said that it ended.
  List<ObjectNode> end() {
    List<ObjectNode> events = new ArrayList<>();
    ObjectNode end = object("message_delta");
    end.set("usage", usage == null ? JsonNodeFactory.instance.objectNode() : usage);
    ObjectNode delta = end.putObject("delta");
    events.add(end);
    if (!finishReason.isEmpty() && !finishReason.equals("error")) {
      stop(delta);
      events.add(object("message_stop"));
    }
    return events;
  }

  private void stop(ObjectNode delta) {
    boolean filtered = finishReason.equals("content_filter");
    if (filtered || !refusal.isEmpty()) {
      delta.put("stop_reason", "refusal");
      ObjectNode details = delta.putObject("stop_details").put(TYPE, "refusal");
      details.put(
          "explanation",
          refusal.isEmpty()
              ? "The provider's content filter stopped the reply."
              : refusal.toString());
    } else if (finishReason.equals("length")) {
      delta.put("stop_reason", "max_tokens");
    } else {
      boolean called = calls.stream().anyMatch(call -> call.block >= 0);
      delta.put("stop_reason", called ? "tool_use" : "end_turn");
    }
  }

  private void open(String type, List<ObjectNode> events) {
    if (!openType.equals(type)) {
      openType = type;
      ObjectNode block = object(type).put(type, "");
      if (type.equals(THINKING)) {
        block.put("signature", "");
      }
      begin(block, events);
    }
  }

  private int begin(ObjectNode block, List<ObjectNode> events) {
    int index = blocks++;
    ObjectNode start = object("content_block_start").put("index", index);
    start.set("content_block", block);
    events.add(start);
    return index;
  }

  private void add(JsonNode part, List<ObjectNode> events) {
    JsonNode function = part.path("function");
    Call call = find(part, function);
    JsonNode given = function.path("arguments");
    String arguments = given.isContainerNode() ? given.toString() : given.asText("");
    String name = text(function, "name");
    if (call.block < 0 && name.isEmpty()) {
      call.early.append(arguments);
      return;
    }
    if (call.block < 0) {
      openType = "";
      ObjectNode block = object("tool_use");
      block.put("id", callIds.claim(call.givenId, ids)).put("name", name).putObject("input");
      call.block = begin(block, events);
      arguments = call.early + arguments;
    }
    if (!arguments.isEmpty()) {
      events.add(delta(call.block, object("input_json_delta").put("partial_json", arguments)));
    }
  }

  /// The call that a part belongs to. A part with another id is another call, whatever its index;
  /// one without index and id goes on with the newest call unless it names a function.
  private Call find(JsonNode part, JsonNode function) {
    String id = text(part, "id");
    int index = part.path("index").asInt(-1);
    Call found = null;
    for (Call call : calls) {
      boolean sameIndex = index < 0 || call.index == index;
      boolean sameId = id.isEmpty() || call.givenId.equals(id);
      boolean named = index >= 0 || !id.isEmpty() || text(function, "name").isEmpty();
      if (sameIndex && sameId && named) {
        found = call;
      }
    }
    if (found == null) {
      found = new Call(index, id);
      calls.add(found);
    }
    return found;
  }

  private static String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isTextual() ? value.asText() : "";
  }

  private static ObjectNode delta(int index, ObjectNode delta) {
    ObjectNode event = object("content_block_delta").put("index", index);
    event.set("delta", delta);
    return event;
  }

  private static ObjectNode object(String type) {
    return JsonNodeFactory.instance.objectNode().put(TYPE, type);
  }
}
