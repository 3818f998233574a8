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
import org.jspecify.annotations.Nullable;

/// A transcript as the messages of a model request. What comes between two replies is one user
/// message: results of tool calls first, as the API demands, then the rest. Replies go back block
/// for block as they came.
final class Conversation {
  static final String USER = "user";
  private static final String ASSISTANT = "assistant";

  /// The API takes no text without a visible character.
  private static final String NO_TEXT = "(no text)";

  /// Asks for the rest of a reply that the token limit cut.
  private static final String GO_ON = "Continue exactly where you stopped.";

  private static final String PAUSED = "pause_turn";

  private final ArrayNode messages = JsonNodeFactory.instance.arrayNode();
  private ArrayNode results = JsonNodeFactory.instance.arrayNode();
  private ArrayNode inputs = JsonNodeFactory.instance.arrayNode();
  private @Nullable String stopReason;

  private Conversation() {}

  static ArrayNode of(List<Transcript.Entry> entries) {
    Conversation conversation = new Conversation();
    entries.forEach(conversation::add);
    conversation.goOn();
    conversation.closeUserMessage();
    return conversation.messages;
  }

  /// The conversation with a request behind it.
  static ArrayNode of(List<Transcript.Entry> entries, String request) {
    Conversation conversation = new Conversation();
    entries.forEach(conversation::add);
    conversation.inputs.add(text(request));
    conversation.closeUserMessage();
    return conversation.messages;
  }

  static ObjectNode text(String text) {
    return JsonNodeFactory.instance.objectNode().put("type", "text").put("text", text);
  }

  private void add(Transcript.Entry entry) {
    switch (entry) {
      case Transcript.Summary(String text) -> inputs.add(summary(text));
      case Transcript.UserInput(List<ContentBlock> content) -> inputs.addAll(blocks(content));
      case Transcript.SystemInput(List<ContentBlock.Text> content) -> inputs.add(system(content));
      case Transcript.ToolResults(List<Transcript.ToolResultEntry> entries) ->
          entries.forEach(result -> results.add(result(result)));
      case Transcript.ModelReply reply -> {
        goOn();
        closeUserMessage();
        ArrayNode blocks = assistant();
        reply.content().forEach(block -> blocks.add(block.deepCopy()));
        stopReason = reply.stopReason();
      }
    }
  }

  /// Between a reply that was cut and its continuation the API wants a user message; a paused one
  /// is sent back as it is.
  private void goOn() {
    if (answersNothing() && !PAUSED.equals(stopReason)) {
      inputs.add(text(GO_ON));
    }
  }

  /// Whether a reply stands last, with nothing new of the user behind it.
  private boolean answersNothing() {
    return !messages.isEmpty() && results.isEmpty() && inputs.isEmpty();
  }

  /// The content of the reply that comes next; what follows a paused reply belongs to it.
  private ArrayNode assistant() {
    JsonNode last = messages.isEmpty() ? null : messages.get(messages.size() - 1);
    return last != null
            && last.path("role").asText().equals(ASSISTANT)
            && last.get("content") instanceof ArrayNode content
        ? content
        : message(ASSISTANT);
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

  private static ObjectNode summary(String text) {
    return text(
        "This is a summary of the conversation so far; the messages it stands for are no longer"
            + " shown.\n<summary>\n"
            + text
            + "\n</summary>");
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
