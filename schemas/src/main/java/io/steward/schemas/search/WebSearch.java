package io.steward.schemas.search;

/// Searches the web. Any number of threads may use one instance.
public interface WebSearch extends AutoCloseable {
  /// Searches once. Waits a bounded time, and ends soon after its thread was interrupted; whatever
  /// the web does is an outcome, never an exception.
  SearchOutcome search(SearchRequest request);

  /// Gives connections back; no searches after this.
  @Override
  default void close() {}
}
