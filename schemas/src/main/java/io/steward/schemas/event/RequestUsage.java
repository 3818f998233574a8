package io.steward.schemas.event;

/// Tokens of one model request. Source: contract/events.md §6.5.
///
/// @param inputTokens input that was not read from a cache
public record RequestUsage(
    int inputTokens, int outputTokens, int cacheCreationInputTokens, int cacheReadInputTokens) {
  /// A request that ended before the model counted anything.
  public static final RequestUsage NONE = new RequestUsage(0, 0, 0, 0);
}
