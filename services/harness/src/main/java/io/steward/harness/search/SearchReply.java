package io.steward.harness.search;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.decide.ModelOutcome;
import io.steward.schemas.search.SearchHit;
import io.steward.schemas.search.SearchOutcome;
import io.steward.schemas.search.SearchOutcome.Failed;
import io.steward.schemas.search.SearchOutcome.Found;
import io.steward.schemas.search.SearchOutcome.Reason;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Reads the reply of a model that searched. What pages say is encrypted in the results; what can
/// be read of it is what the model cites and says.
final class SearchReply {
  private static final String RESULT = "web_search_tool_result";

  private final List<SearchHit> found = new ArrayList<>();
  private final Map<String, Set<String>> cited = new TreeMap<>();
  private final StringBuilder said = new StringBuilder();
  private @Nullable String errorCode;
  private boolean searched;

  private SearchReply() {}

  static SearchOutcome outcome(ModelOutcome.Replied reply) {
    SearchReply read = new SearchReply();
    for (JsonNode block : reply.content()) {
      switch (block.path("type").asText()) {
        case RESULT -> read.results(block.path("content"));
        case "text" -> read.text(block);
        default -> {}
      }
    }
    return read.outcome();
  }

  private void results(JsonNode content) {
    if (!content.isArray()) {
      errorCode = content.path("error_code").asText("");
      return;
    }
    searched = true;
    for (JsonNode result : content) {
      if (result.path("url").isTextual()) {
        found.add(
            new SearchHit(
                result.path("url").asText(),
                result.path("title").asText(""),
                result.path("page_age").asText("")));
      }
    }
  }

  /// What comes before the results is about the search, not of it.
  private void text(JsonNode block) {
    if (!searched) {
      return;
    }
    said.append(block.path("text").asText());
    for (JsonNode citation : block.path("citations")) {
      cited
          .computeIfAbsent(citation.path("url").asText(), _ -> new LinkedHashSet<>())
          .add(citation.path("cited_text").asText());
    }
  }

  private SearchOutcome outcome() {
    if (searched) {
      return new Found(found.stream().map(this::withExcerpt).toList(), said.toString());
    }
    return switch (errorCode) {
      case null -> SearchOutcome.unavailable("The model that searches did not search.");
      case "too_many_requests" ->
          new Failed(Reason.TOO_MANY_REQUESTS, "The provider's search has too much to do.");
      case "query_too_long" ->
          new Failed(Reason.QUERY_TOO_LONG, "The query is too long for the provider's search.");
      case "invalid_tool_input" ->
          new Failed(Reason.INVALID_INPUT, "The provider's search does not take this query.");
      default -> SearchOutcome.unavailable("The provider's search is not available.");
    };
  }

  private SearchHit withExcerpt(SearchHit hit) {
    Set<String> passages = cited.get(hit.url());
    return passages == null
        ? hit
        : new SearchHit(hit.url(), hit.title(), String.join(" … ", passages));
  }
}
