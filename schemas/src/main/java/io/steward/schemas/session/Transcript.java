package io.steward.schemas.session;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.ContentBlock.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// The conversation as the model is to see it, oldest first. It only grows, so that the prefix of
/// every model request is the one before it and the provider's cache can be used; compaction alone
/// replaces its oldest part by a summary.
///
/// @param measuredTokens size of the context when the provider last counted it, or [#EXCEEDED]
/// @param measuredEntries how many entries that count covers
/// @param overheadTokens what prompt and tools take, as far as that count tells
/// @param compactions how often it was compacted since the user or the model last said something
/// @param estimate of the entries; follows from them, so it is nowhere written
public record Transcript(
    List<Entry> entries,
    int measuredTokens,
    int measuredEntries,
    int overheadTokens,
    int compactions,
    @JsonIgnore Estimate estimate) {
  static final Transcript EMPTY = new Transcript(List.of(), 0, 0, 0, 0);

  /// The provider says that the conversation does not fit.
  static final int EXCEEDED = Integer.MAX_VALUE;

  public Transcript {
    entries = List.copyOf(entries);
  }

  /// Estimates all of its entries; what is made from a transcript by one more entry is not.
  @JsonCreator
  public Transcript(
      @JsonProperty("entries") List<Entry> entries,
      @JsonProperty("measured_tokens") int measuredTokens,
      @JsonProperty("measured_entries") int measuredEntries,
      @JsonProperty("overhead_tokens") int overheadTokens,
      @JsonProperty("compactions") int compactions) {
    this(
        entries,
        measuredTokens,
        measuredEntries,
        overheadTokens,
        compactions,
        new Estimate(
            TokenEstimate.of(entries),
            TokenEstimate.of(entries.subList(measuredEntries, entries.size()))));
  }

  /// About how many tokens entries take.
  ///
  /// @param tokens of all of them
  /// @param uncountedTokens of those that the provider has not counted
  record Estimate(long tokens, long uncountedTokens) {
    Estimate plus(long entryTokens) {
      return new Estimate(tokens + entryTokens, uncountedTokens + entryTokens);
    }

    Estimate counted() {
      return new Estimate(tokens, 0);
    }
  }

  Transcript plus(Entry entry) {
    List<Entry> longer = new ArrayList<>(entries.size() + 1);
    longer.addAll(entries);
    longer.add(entry);
    return new Transcript(
        longer,
        measuredTokens,
        measuredEntries,
        overheadTokens,
        entry instanceof ModelReply || entry instanceof UserInput ? 0 : compactions,
        estimate.plus(TokenEstimate.of(entry)));
  }

  /// The provider counted `tokens` for everything so far; 0 when it did not count.
  Transcript measured(int tokens) {
    if (tokens == 0) {
      return this;
    }
    int overhead = (int) Math.max(0, tokens - estimate.tokens());
    return new Transcript(
        entries, tokens, entries.size(), overhead, compactions, estimate.counted());
  }

  Transcript exceeded() {
    return new Transcript(
        entries, EXCEEDED, entries.size(), overheadTokens, compactions, estimate.counted());
  }

  /// The oldest `count` entries are replaced by a summary.
  Transcript compacted(String text, int count) {
    if (count < 1 || count > entries.size()) {
      throw new IllegalArgumentException(
          "a summary stands for " + count + " of " + entries.size() + " entries");
    }
    List<Entry> shorter = new ArrayList<>();
    shorter.add(new Summary(text));
    shorter.addAll(entries.subList(count, entries.size()));
    return new Transcript(shorter, 0, 0, overheadTokens, compactions + 1);
  }

  /// About how many tokens a request with the conversation has.
  public int tokens() {
    if (measuredTokens == EXCEEDED) {
      return EXCEEDED;
    }
    long tokens =
        estimate.uncountedTokens() + (measuredEntries == 0 ? overheadTokens : measuredTokens);
    return (int) Math.min(EXCEEDED - 1L, tokens);
  }

  /// Whether the provider said that the conversation does not fit.
  public boolean doesNotFit() {
    return measuredTokens == EXCEEDED;
  }

  /// About how many tokens `entries` take.
  public static long estimate(List<Entry> entries) {
    return TokenEstimate.of(entries);
  }

  /// How many of the oldest entries a compaction is to replace so that about `keptTokens` are left:
  /// never between calls and their results. Empty when there is nothing that could be replaced.
  OptionalInt compactable(int keptTokens) {
    int cut = 0;
    long kept = 0;
    for (int i = entries.size() - 1; i > 0; i--) {
      kept += TokenEstimate.of(entries.get(i));
      boolean boundary = !(entries.get(i) instanceof ToolResults);
      if (kept > keptTokens && cut > 0) {
        break;
      }
      if (boundary) {
        cut = i;
      }
    }
    boolean worthwhile =
        cut > 1
            || (cut == 1
                && (!(entries.getFirst() instanceof Summary)
                    || TokenEstimate.of(entries.getFirst()) > keptTokens));
    return worthwhile ? OptionalInt.of(cut) : OptionalInt.empty();
  }

  /// Names the model request that summarises it as it is now. Such a request has no span in the
  /// log: a summary nobody has written yet is asked for again by the next owner, under the same
  /// name.
  public String summaryId() {
    return "summary-" + entries.size() + "-" + compactions;
  }

  /// The newest entry.
  public Optional<Entry> last() {
    return entries.isEmpty() ? Optional.empty() : Optional.of(entries.getLast());
  }

  /// One contribution to the conversation.
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Summary.class, name = "summary"),
    @JsonSubTypes.Type(value = UserInput.class, name = "user"),
    @JsonSubTypes.Type(value = SystemInput.class, name = "system"),
    @JsonSubTypes.Type(value = ModelReply.class, name = "model"),
    @JsonSubTypes.Type(value = ToolResults.class, name = "tool_results")
  })
  public sealed interface Entry {}

  /// What stands for everything that came before. Always the first entry.
  public record Summary(String text) implements Entry {}

  /// What a `user.message` said.
  public record UserInput(List<ContentBlock> content) implements Entry {
    public UserInput {
      content = List.copyOf(content);
    }
  }

  /// What a `system.message` said.
  public record SystemInput(List<ContentBlock.Text> content) implements Entry {
    public SystemInput {
      content = List.copyOf(content);
    }
  }

  /// What the model answered: raw content blocks, never empty.
  ///
  /// @param stopReason the model's own
  public record ModelReply(
      List<JsonNode> content,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String stopReason)
      implements Entry {
    public ModelReply {
      content = List.copyOf(content);
    }
  }

  /// The results of all tool calls of the reply before it, in the order of the calls.
  public record ToolResults(List<ToolResultEntry> results) implements Entry {
    public ToolResults {
      results = List.copyOf(results);
    }
  }

  /// @param modelToolUseId the model's `toolu_…` id
  public record ToolResultEntry(
      String modelToolUseId, List<ContentBlock> content, boolean isError) {
    public ToolResultEntry {
      content = List.copyOf(content);
    }
  }

  /// About how many tokens something takes, for what no provider has counted yet. Rather too many
  /// than too few: what is guessed too small is refused by the provider, and compacted then.
  private static final class TokenEstimate {
    private static final int CHARS_PER_TOKEN = 3;
    private static final int ENTRY_TOKENS = 8;
    private static final int IMAGE_TOKENS = 1_600;
    private static final int DOCUMENT_TOKENS = 6_000;

    private TokenEstimate() {}

    static long of(List<Entry> entries) {
      return entries.stream().mapToLong(TokenEstimate::of).sum();
    }

    static long of(Entry entry) {
      return ENTRY_TOKENS
          + switch (entry) {
            case Summary(String text) -> chars(text);
            case UserInput(List<ContentBlock> content) -> blocks(content);
            case SystemInput(List<ContentBlock.Text> content) -> blocks(content);
            case ModelReply reply -> replied(reply.content());
            case ToolResults(List<ToolResultEntry> results) ->
                results.stream().mapToLong(result -> ENTRY_TOKENS + blocks(result.content())).sum();
          };
    }

    private static long replied(List<JsonNode> blocks) {
      return blocks.stream().mapToLong(block -> chars(block.toString())).sum();
    }

    private static long blocks(List<? extends ContentBlock> blocks) {
      return blocks.stream()
          .mapToLong(block ->
              switch (block) {
                case ContentBlock.Text(String text) -> chars(text);
                case ContentBlock.Image _ -> IMAGE_TOKENS;
                case ContentBlock.Document document ->
                    document.source() instanceof Source.PlainText text
                        ? chars(text.data())
                        : DOCUMENT_TOKENS;
                case ContentBlock.SearchResult hit -> chars(hit.title()) + blocks(hit.content());
                case ContentBlock.Redacted _ -> 0;
              })
          .sum();
    }

    private static long chars(String text) {
      return (text.length() + CHARS_PER_TOKEN - 1) / CHARS_PER_TOKEN;
    }
  }
}
