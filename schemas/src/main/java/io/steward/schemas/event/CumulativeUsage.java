package io.steward.schemas.event;

import org.jspecify.annotations.Nullable;

/// Totals over all turns of a session. Source: contract/events.md §6.5.
///
/// @param listCost what it costs at list prices, rounded to the cent; null without list prices
/// @param activeSeconds time with at least one running thread
/// @param serverToolUse what built-in tools asked of the web, or null when nothing yet
public record CumulativeUsage(
    int inputTokens,
    int outputTokens,
    int cacheReadInputTokens,
    CacheCreation cacheCreation,
    @Nullable Money listCost,
    double activeSeconds,
    @Nullable ServerToolUse serverToolUse) {
  /// Nothing used yet.
  public static final CumulativeUsage NONE =
      new CumulativeUsage(0, 0, 0, new CacheCreation(0, 0), null, 0, null);

  /// Tokens written to the provider's cache, by lifetime of the entry.
  public record CacheCreation(int ephemeral_5mInputTokens, int ephemeral_1hInputTokens) {}

  /// Requests of built-in tools.
  ///
  /// @param webSearchRequests searches that were answered
  /// @param webFetchRequests always 0: pages are not counted
  public record ServerToolUse(int webSearchRequests, int webFetchRequests) {}

  /// These totals and one request more. Steward marks caches with the five-minute lifetime only.
  public CumulativeUsage plus(RequestUsage request) {
    return new CumulativeUsage(
        total(inputTokens, request.inputTokens()),
        total(outputTokens, request.outputTokens()),
        total(cacheReadInputTokens, request.cacheReadInputTokens()),
        new CacheCreation(
            total(cacheCreation.ephemeral_5mInputTokens(), request.cacheCreationInputTokens()),
            cacheCreation.ephemeral_1hInputTokens()),
        listCost,
        activeSeconds,
        serverToolUse);
  }

  /// These totals and one search more.
  public CumulativeUsage plusSearch() {
    int soFar = serverToolUse == null ? 0 : serverToolUse.webSearchRequests();
    return new CumulativeUsage(
        inputTokens,
        outputTokens,
        cacheReadInputTokens,
        cacheCreation,
        listCost,
        activeSeconds,
        new ServerToolUse(total(soFar, 1), 0));
  }

  /// The sum, or the largest value the wire can carry: SDKs read counters as 32-bit integers.
  private static int total(int soFar, int more) {
    return (int) Math.min(Integer.MAX_VALUE, (long) soFar + more);
  }

  /// These totals with another running time and cost.
  public CumulativeUsage with(double seconds, @Nullable Money cost) {
    return new CumulativeUsage(
        inputTokens,
        outputTokens,
        cacheReadInputTokens,
        cacheCreation,
        cost,
        seconds,
        serverToolUse);
  }
}
