package io.steward.schemas.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/// More about a refusal. Source: contract/events.md §6.3.
///
/// @param type always `refusal`
/// @param category `cyber`, `bio`, …; null when the model gave none
/// @param explanation for people, not to be parsed
public record StopDetails(
    String type,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String category,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String explanation) {
  public static StopDetails refusal(@Nullable String category, @Nullable String explanation) {
    return new StopDetails("refusal", category, explanation);
  }
}
