package io.steward.schemas.search;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What came of a search.
public sealed interface SearchOutcome {
  /// @param hits best first; any number
  /// @param summary what whoever searched says about them, or null
  record Found(List<SearchHit> hits, @Nullable String summary) implements SearchOutcome {
    public Found {
      hits = List.copyOf(hits);
    }
  }

  /// @param sentence says why, to the model
  record Failed(Reason reason, String sentence) implements SearchOutcome {
    /// What the model reads.
    public String text() {
      return reason.wire + ": " + sentence;
    }
  }

  static Failed unavailable(String sentence) {
    return new Failed(Reason.UNAVAILABLE, sentence);
  }

  /// Names a failure as the web search tool of the Messages API does.
  enum Reason {
    INVALID_INPUT("invalid_input"),
    QUERY_TOO_LONG("query_too_long"),
    TOO_MANY_REQUESTS("too_many_requests"),
    UNAVAILABLE("unavailable");

    private final String wire;

    Reason(String wire) {
      this.wire = wire;
    }
  }
}
