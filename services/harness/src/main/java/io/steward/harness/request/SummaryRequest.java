package io.steward.harness.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.session.Transcript;
import io.steward.schemas.session.Transcript.ModelReply;
import io.steward.schemas.session.Transcript.ToolResultEntry;
import io.steward.schemas.session.Transcript.ToolResults;
import java.util.List;
import java.util.stream.Stream;

/// Asks the model for what it has to remember of a conversation whose oldest part it will not see
/// any more.
final class SummaryRequest {
  /// The longest summary, in tokens.
  static final long TOKENS_MAX = 8_192;

  private static final String TEXT =
      """
      <compaction>
      The conversation above is about to be replaced by a summary that you write now. You will go on \
      with the task from this summary and the newest messages alone, so write down everything you \
      need: what the user wants, in their words where they matter; what was decided and why; what was \
      done, with names of files, commands, identifiers and figures; what was found out, also what \
      did not work; what is still open, and what you were about to do. Leave out what can be read \
      again. Call no tools. Answer with the summary alone.
      </compaction>\
      """;

  /// How much of the context window the conversation may take, the rest being for the answer.
  private static final double WINDOW_SHARE = 0.75;

  /// Results of tools are shortened first, to so many characters a text, and then everything.
  private static final int[] RESULT_CHARS = {20_000, 5_000, 1_000};

  private static final int[] ALL_CHARS = {4_000, 1_000, 200};

  private SummaryRequest() {}

  /// The messages of the request. What would not fit into the window is shortened, and in the end
  /// the oldest messages are left out.
  ///
  /// @param window tokens there are for the request and its answer
  static ArrayNode messages(List<Transcript.Entry> oldest, int window) {
    long tokensMax = (long) (window * WINDOW_SHARE);
    List<Transcript.Entry> entries = oldest;
    for (int chars : RESULT_CHARS) {
      if (Transcript.estimate(entries) <= tokensMax) {
        return Conversation.of(entries, TEXT);
      }
      entries = oldest.stream().map(entry -> shortResults(entry, chars)).toList();
    }
    for (int chars : ALL_CHARS) {
      if (Transcript.estimate(entries) <= tokensMax) {
        return Conversation.of(entries, TEXT);
      }
      entries = oldest.stream().map(entry -> shortened(entry, chars)).toList();
    }
    return Conversation.of(newest(entries, tokensMax), TEXT);
  }

  /// The newest of the entries that fit, from a message of the user or a reply on; at least one.
  private static List<Transcript.Entry> newest(List<Transcript.Entry> entries, long tokensMax) {
    int from = entries.size() - 1;
    for (int i = entries.size() - 1; i >= 0; i--) {
      boolean begins = !(entries.get(i) instanceof ToolResults);
      if (begins && Transcript.estimate(entries.subList(i, entries.size())) > tokensMax) {
        break;
      }
      from = begins ? i : from;
    }
    while (from > 0 && entries.get(from) instanceof ToolResults) {
      from--; // Results never stand without their calls.
    }
    return from == 0 ? entries : opened(entries.subList(from, entries.size()));
  }

  /// A conversation begins with the user.
  private static List<Transcript.Entry> opened(List<Transcript.Entry> rest) {
    Transcript.Entry note =
        new Transcript.UserInput(
            List.of(new ContentBlock.Text("[earlier messages are left out, they are too long]")));
    return Stream.concat(Stream.of(note), rest.stream()).toList();
  }

  private static Transcript.Entry shortResults(Transcript.Entry entry, int chars) {
    return entry instanceof ToolResults(List<ToolResultEntry> results)
        ? new ToolResults(results.stream().map(result -> shortened(result, chars)).toList())
        : entry;
  }

  private static Transcript.Entry shortened(Transcript.Entry entry, int chars) {
    return switch (entry) {
      case Transcript.Summary(String text) -> new Transcript.Summary(cut(text, chars));
      case Transcript.UserInput(List<ContentBlock> content) ->
          new Transcript.UserInput(
              content.stream().map(block -> withoutBytes(block, chars)).toList());
      case Transcript.SystemInput(List<ContentBlock.Text> content) ->
          new Transcript.SystemInput(
              content.stream()
                  .map(block -> new ContentBlock.Text(cut(block.text(), chars)))
                  .toList());
      case ModelReply reply ->
          new ModelReply(
              reply.content().stream().map(block -> shortened(block, chars)).toList(),
              reply.stopReason());
      case ToolResults results -> shortResults(results, chars);
    };
  }

  private static ToolResultEntry shortened(ToolResultEntry result, int chars) {
    return new ToolResultEntry(
        result.modelToolUseId(),
        result.content().stream().map(block -> withoutBytes(block, chars)).toList(),
        result.isError());
  }

  private static ContentBlock withoutBytes(ContentBlock block, int chars) {
    return switch (block) {
      case ContentBlock.Text(String text) -> new ContentBlock.Text(cut(text, chars));
      case ContentBlock.Image _ -> new ContentBlock.Text("[an image, left out here]");
      case ContentBlock.Document document ->
          new ContentBlock.Text(
              "[a document, left out here"
                  + (document.title() == null ? "]" : ": " + cut(document.title(), chars) + "]"));
      case ContentBlock.SearchResult _, ContentBlock.Redacted _ -> block;
    };
  }

  /// A block of a reply: texts and the inputs of calls can be long. Thinking stays as it is, since
  /// its signature is checked.
  private static JsonNode shortened(JsonNode block, int chars) {
    if (block.path("text").asText().length() > chars) {
      return ((ObjectNode) block.deepCopy()).put("text", cut(block.path("text").asText(), chars));
    }
    if (block.path("type").asText().equals("tool_use")
        && block.path("input").toString().length() > chars) {
      ObjectNode input = JsonNodeFactory.instance.objectNode();
      input.put("shortened", cut(block.path("input").toString(), chars));
      return ((ObjectNode) block.deepCopy()).set("input", input);
    }
    return block;
  }

  /// Beginning and end: what matters most of a text is in one of them.
  private static String cut(String text, int chars) {
    int left = text.length() - chars;
    return left <= 0
        ? text
        : text.substring(0, chars / 2)
            + "\n["
            + left
            + " characters left out]\n"
            + text.substring(chars / 2 + left);
  }
}
