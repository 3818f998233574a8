package io.steward.schemas.agent;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which parts of a conversation contribute URLs that `web_fetch` may fetch. A null part was not
/// set, which means all of it. Source: contract/core.md §2.6.
///
/// @param clientToolResults results of custom tools
/// @param serverToolResults results of `web_search` and `web_fetch`
/// @param userInput what the user wrote: [All] or [None]
@JsonInclude(JsonInclude.Include.ALWAYS)
public record UrlSources(
    @Nullable Source clientToolResults,
    @Nullable Source serverToolResults,
    @Nullable Source userInput) {

  /// Which tools of a part count.
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = All.class, name = "all"),
    @JsonSubTypes.Type(value = None.class, name = "none"),
    @JsonSubTypes.Type(value = Only.class, name = "only"),
    @JsonSubTypes.Type(value = Except.class, name = "except")
  })
  public sealed interface Source {}

  public record All() implements Source {}

  public record None() implements Source {}

  /// @param tools 1–128 tools, no name twice
  public record Only(List<ToolReference> tools) implements Source {}

  /// @param tools 1–128 tools, no name twice
  public record Except(List<ToolReference> tools) implements Source {}

  @JsonPropertyOrder({"type"})
  public record ToolReference(String name) {
    /// Always `tool_reference`.
    @JsonProperty("type")
    public String type() {
      return "tool_reference";
    }
  }
}
