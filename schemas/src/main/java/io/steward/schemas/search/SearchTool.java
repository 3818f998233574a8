package io.steward.schemas.search;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.egress.EgressCommand.SearchWeb;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.search.SearchOutcome.Failed;
import io.steward.schemas.search.SearchOutcome.Found;
import io.steward.schemas.search.SearchOutcome.Reason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The tool `web_search` on top of a search: checks what the model asks, keeps to the domains of
/// the agent whatever the search engine shows, and bounds what the model reads.
public final class SearchTool {
  /// Hits the model reads.
  public static final int HITS_MAX = 10;

  /// Characters of a URL; a hit with a longer one is left out.
  public static final int URL_CHARS_MAX = 2_048;

  /// Characters of a title, of an excerpt and of a summary; the rest is cut.
  public static final int TITLE_CHARS_MAX = 300;

  public static final int EXCERPT_CHARS_MAX = 1_000;
  public static final int SUMMARY_CHARS_MAX = 8_000;

  private static final String NO_EXCERPT = "(no excerpt)";

  private final WebSearch search;

  public SearchTool(WebSearch search) {
    this.search = search;
  }

  /// What the model reads.
  ///
  /// @param content a `search_result` for each hit, or one text; never empty
  public record Answer(boolean isError, List<ContentBlock> content) {
    public Answer {
      content = List.copyOf(content);
    }
  }

  /// Runs one call. Waits as long as the search does.
  public Answer call(SearchWeb command) {
    JsonNode query = command.input().path("query");
    if (!query.isTextual() || query.textValue().isBlank()) {
      return failed(
          new Failed(Reason.INVALID_INPUT, "The argument query is missing, or is no text."));
    }
    String text = query.textValue().strip();
    if (text.length() > SearchRequest.QUERY_CHARS_MAX) {
      return failed(
          new Failed(
              Reason.QUERY_TOO_LONG,
              "The query has "
                  + text.length()
                  + " characters; at most "
                  + SearchRequest.QUERY_CHARS_MAX
                  + " are allowed."));
    }
    SearchDomains domains;
    try {
      domains = SearchDomains.of(command.allowedDomains(), command.blockedDomains());
    } catch (IllegalArgumentException e) {
      return failed(
          SearchOutcome.unavailable("The domains this agent may search cannot be understood."));
    }
    return switch (search.search(new SearchRequest(text, domains, command.userLocation()))) {
      case Failed failed -> failed(failed);
      case Found found -> new Answer(false, shown(found, domains));
    };
  }

  /// What the model reads when the search itself broke.
  public static Answer failed(String sentence) {
    return failed(SearchOutcome.unavailable(sentence));
  }

  private static Answer failed(Failed failed) {
    return new Answer(true, List.of(new ContentBlock.Text(failed.text())));
  }

  private static List<ContentBlock> shown(Found found, SearchDomains domains) {
    Set<String> seen = new HashSet<>();
    List<SearchHit> hits =
        found.hits().stream()
            .filter(hit -> hit.url().length() <= URL_CHARS_MAX && domains.permits(hit.url()))
            .filter(hit -> seen.add(hit.url()))
            .limit(HITS_MAX)
            .toList();
    if (hits.isEmpty()) {
      return List.of(
          new ContentBlock.Text(
              domains instanceof SearchDomains.Any
                  ? "The search has no results."
                  : "The search has no results in the domains this agent may search."));
    }
    List<ContentBlock> content = new ArrayList<>();
    if (found.summary() != null && !found.summary().isBlank()) {
      content.add(new ContentBlock.Text(cut(found.summary().strip(), SUMMARY_CHARS_MAX)));
    }
    hits.forEach(hit -> content.add(block(hit)));
    return content;
  }

  private static ContentBlock block(SearchHit hit) {
    String title = line(hit.title(), TITLE_CHARS_MAX);
    String excerpt = line(hit.excerpt(), EXCERPT_CHARS_MAX);
    return new ContentBlock.SearchResult(
        hit.url(),
        title.isEmpty() ? hit.url() : title,
        List.of(new ContentBlock.Text(excerpt.isEmpty() ? NO_EXCERPT : excerpt)),
        new ContentBlock.Citations(false));
  }

  /// One line without control characters.
  private static String line(String text, int charsMax) {
    return cut(text.replaceAll("[\\s\\p{Cntrl}]+", " ").strip(), charsMax);
  }

  /// Never half of a character, and no NUL, which not every database takes.
  private static String cut(String text, int charsMax) {
    String whole = text.replace('\0', '\ufffd');
    if (whole.length() <= charsMax) {
      return whole;
    }
    boolean half = Character.isHighSurrogate(whole.charAt(charsMax - 2));
    return whole.substring(0, half ? charsMax - 2 : charsMax - 1) + "…";
  }
}
