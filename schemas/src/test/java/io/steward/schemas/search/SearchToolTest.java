package io.steward.schemas.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.ToolConfig.UserLocation;
import io.steward.schemas.egress.EgressCommand.SearchWeb;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SearchToolTest {
  private static final SearchHit RAIN =
      new SearchHit("https://example.com/rain", "Rain", "It rains");

  private final List<SearchRequest> asked = new ArrayList<>();

  private SearchTool.Answer call(SearchWeb command, SearchOutcome outcome) {
    return new SearchTool(
            request -> {
              asked.add(request);
              return outcome;
            })
        .call(command);
  }

  private static SearchWeb command(String input, @Nullable List<String> blocked) {
    JsonNode arguments = Json.tree(input.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    return new SearchWeb(
        new SessionId("sesn_011111111111111111111111"),
        "sevt_1",
        arguments,
        null,
        blocked,
        new UserLocation("Bonn", null, "DE", null));
  }

  private static SearchOutcome.Found found(SearchHit... hits) {
    return new SearchOutcome.Found(List.of(hits), null);
  }

  private static String text(SearchTool.Answer answer) {
    return assertInstanceOf(ContentBlock.Text.class, answer.content().getFirst()).text();
  }

  private static ContentBlock.SearchResult hit(ContentBlock block) {
    return assertInstanceOf(ContentBlock.SearchResult.class, block);
  }

  @Test
  void each_hit_is_a_search_result() {
    SearchTool.Answer answer = call(command("{'query':'  rain '}", null), found(RAIN));

    assertEquals(
        new ContentBlock.SearchResult(
            RAIN.url(),
            "Rain",
            List.of(new ContentBlock.Text("It rains")),
            new ContentBlock.Citations(false)),
        answer.content().getFirst());
    assertFalse(answer.isError());
    assertEquals("rain", asked.getFirst().query());
    assertEquals(new UserLocation("Bonn", null, "DE", null), asked.getFirst().location());
  }

  @Test
  void what_the_searcher_says_comes_first() {
    SearchTool.Answer answer =
        call(
            command("{'query':'rain'}", null),
            new SearchOutcome.Found(List.of(RAIN), " It rains everywhere.\0 "));

    assertEquals("It rains everywhere.\ufffd", text(answer));
    assertEquals(2, answer.content().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{'query':7}", "{'query':null}", "{'query':' \\t'}", "[]", "'x'"})
  void a_call_without_a_query_is_not_searched(String input) {
    SearchTool.Answer answer = call(command(input, null), found(RAIN));

    assertTrue(answer.isError());
    assertEquals("invalid_input: The argument query is missing, or is no text.", text(answer));
    assertEquals(List.of(), asked);
  }

  @Test
  void a_query_that_is_too_long_is_not_searched() {
    String longest = "x".repeat(SearchRequest.QUERY_CHARS_MAX);

    assertFalse(call(command("{'query':'" + longest + "'}", null), found(RAIN)).isError());
    SearchTool.Answer answer = call(command("{'query':'" + longest + "x'}", null), found(RAIN));

    assertEquals(
        "query_too_long: The query has 501 characters; at most 500 are allowed.", text(answer));
    assertEquals(1, asked.size());
  }

  @Test
  void hits_of_other_domains_broken_ones_and_repeated_ones_are_left_out() {
    SearchTool.Answer answer =
        call(
            command("{'query':'rain'}", List.of("evil.test")),
            found(
                new SearchHit("https://evil.test/", "x", "x"),
                new SearchHit("javascript:alert(1)", "x", "x"),
                new SearchHit("https://example.com/" + "x".repeat(2_048), "x", "x"),
                RAIN,
                RAIN));

    assertEquals(1, answer.content().size());
    assertEquals(RAIN.url(), hit(answer.content().getFirst()).source());
  }

  @Test
  void without_hits_one_text_says_so() {
    assertEquals(
        "The search has no results.", text(call(command("{'query':'rain'}", null), found())));
    assertEquals(
        "The search has no results in the domains this agent may search.",
        text(call(command("{'query':'rain'}", List.of("example.com")), found(RAIN))));
  }

  @Test
  void what_the_model_reads_is_bounded() {
    SearchHit[] many =
        IntStream.range(0, 50)
            .mapToObj(i ->
                new SearchHit("https://example.com/" + i, "t".repeat(5_000), "😀".repeat(5_000)))
            .toArray(SearchHit[]::new);

    SearchTool.Answer answer = call(command("{'query':'rain'}", null), found(many));

    assertEquals(SearchTool.HITS_MAX, answer.content().size());
    ContentBlock.SearchResult first = hit(answer.content().getFirst());
    assertEquals(SearchTool.TITLE_CHARS_MAX, first.title().length());
    String excerpt = first.content().getFirst().text();
    assertTrue(excerpt.length() <= SearchTool.EXCERPT_CHARS_MAX, excerpt);
    assertTrue(excerpt.endsWith("😀…"), excerpt);
  }

  @Test
  void a_hit_has_a_title_and_an_excerpt_of_one_line_each() {
    SearchTool.Answer answer =
        call(
            command("{'query':'rain'}", null),
            found(
                new SearchHit("https://example.com/a", "A\n\tb\0c", " x\r\ny "),
                new SearchHit("https://example.com/b", " ", "")));

    assertEquals("A b c", hit(answer.content().get(0)).title());
    assertEquals("x y", hit(answer.content().get(0)).content().getFirst().text());
    assertEquals("https://example.com/b", hit(answer.content().get(1)).title());
    assertEquals("(no excerpt)", hit(answer.content().get(1)).content().getFirst().text());
  }

  @Test
  void a_failure_is_a_sentence_with_its_name() {
    SearchTool.Answer answer =
        call(command("{'query':'rain'}", null), SearchOutcome.unavailable("It is away."));

    assertTrue(answer.isError());
    assertEquals("unavailable: It is away.", text(answer));
  }
}
