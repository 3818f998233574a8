package io.steward.schemas.search;

import io.steward.schemas.agent.ToolConfig.UserLocation;
import org.jspecify.annotations.Nullable;

/// One search.
///
/// @param query 1 to [#QUERY_CHARS_MAX] characters, not blank
/// @param domains which hits may be shown; a search engine may be told, and need not obey
/// @param location where the user is, roughly, or null
public record SearchRequest(String query, SearchDomains domains, @Nullable UserLocation location) {
  public static final int QUERY_CHARS_MAX = 500;

  public SearchRequest {
    if (query.isBlank() || query.length() > QUERY_CHARS_MAX) {
      throw new IllegalArgumentException(
          "a query has 1 to " + QUERY_CHARS_MAX + " characters: " + query.length());
    }
  }
}
