package io.steward.schemas.session;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.event.ContentBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The conversation as the model is to see it, oldest first. It only grows, so that the prefix of
/// every model request is the one before it and the provider's cache can be used.
public record Transcript(List<Entry> entries) {
  static final Transcript EMPTY = new Transcript(List.of());

  public Transcript {
    entries = List.copyOf(entries);
  }

  Transcript plus(Entry entry) {
    List<Entry> longer = new ArrayList<>(entries.size() + 1);
    longer.addAll(entries);
    longer.add(entry);
    return new Transcript(longer);
  }

  /// The newest entry.
  public Optional<Entry> last() {
    return entries.isEmpty() ? Optional.empty() : Optional.of(entries.getLast());
  }

  /// One contribution to the conversation.
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = UserInput.class, name = "user"),
    @JsonSubTypes.Type(value = SystemInput.class, name = "system"),
    @JsonSubTypes.Type(value = ModelReply.class, name = "model"),
    @JsonSubTypes.Type(value = ToolResults.class, name = "tool_results")
  })
  public sealed interface Entry {}

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
  public record ModelReply(List<JsonNode> content) implements Entry {
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
}
