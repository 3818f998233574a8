package io.steward.harness.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.json.Json;
import io.steward.schemas.session.Transcript;
import java.util.List;
import java.util.stream.Collectors;

/// A transcript as the messages of a model request. What comes between two replies is one user
/// message: results of tool calls first, as the API demands, then the rest. Replies go back block
/// for block as they came.
final class Conversation {
  static final String USER = "user";
  private static final String ASSISTANT = "assistant";

  /// The API takes no text without a visible character.
  private static final String NO_TEXT = "(no text)";

  private final ArrayNode messages = JsonNodeFactory.instance.arrayNode();
  private ArrayNode results = JsonNodeFactory.instance.arrayNode();
  private ArrayNode inputs = JsonNodeFactory.instance.arrayNode();

  private Conversation() {}

  static ArrayNode of(Transcript transcript) {
    Conversation conversation = new Conversation();
    transcript.entries().forEach(conversation::add);
    conversation.closeUserMessage();
    return conversation.messages;
  }

  static ObjectNode text(String text) {
    return JsonNodeFactory.instance.objectNode().put("type", "text").put("text", text);
  }

  private void add(Transcript.Entry entry) {
    switch (entry) {
      case Transcript.UserInput(List<ContentBlock> content) -> inputs.addAll(blocks(content));
      case Transcript.SystemInput(List<ContentBlock.Text> content) -> inputs.add(system(content));
      case Transcript.ToolResults(List<Transcript.ToolResultEntry> entries) ->
          entries.forEach(result -> results.add(result(result)));
      case Transcript.ModelReply(List<JsonNode> content) -> {
        closeUserMessage();
        ArrayNode blocks = message(ASSISTANT);
        content.forEach(block -> blocks.add(block.deepCopy()));
      }
    }
  }

  private void closeUserMessage() {
    if (results.isEmpty() && inputs.isEmpty()) {
      return;
    }
    message(USER).addAll(results).addAll(inputs);
    results = JsonNodeFactory.instance.arrayNode();
    inputs = JsonNodeFactory.instance.arrayNode();
  }

  private ArrayNode message(String role) {
    return messages.addObject().put("role", role).putArray("content");
  }

  /// A message of the operator, told apart from what the user said.
  private static ObjectNode system(List<ContentBlock.Text> content) {
    return text(
        content.stream()
            .map(ContentBlock.Text::text)
            .collect(Collectors.joining("\n\n", "<system>\n", "\n</system>")));
  }

  private static ObjectNode result(Transcript.ToolResultEntry entry) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.put("type", "tool_result").put("tool_use_id", entry.modelToolUseId());
    result.set("content", blocks(entry.content()));
    return entry.isError() ? result.put("is_error", true) : result;
  }

  private static ArrayNode blocks(List<ContentBlock> content) {
    ArrayNode blocks = JsonNodeFactory.instance.arrayNode();
    for (ContentBlock block : content) {
      switch (block) {
        case ContentBlock.Text(String text) when text.isBlank() -> {}
        case ContentBlock.Redacted _ -> {}
        case ContentBlock.Text _,
            ContentBlock.Image _,
            ContentBlock.Document _,
            ContentBlock.SearchResult _ ->
            blocks.add(Json.tree(block));
      }
    }
    return blocks.isEmpty() ? blocks.add(text(NO_TEXT)) : blocks;
  }
}
