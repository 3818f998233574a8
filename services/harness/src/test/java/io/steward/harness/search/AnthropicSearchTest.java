package io.steward.harness.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.model.Ask;
import io.steward.harness.model.ModelClient;
import io.steward.harness.model.anthropic.AnthropicModelClient;
import io.steward.harness.stage.ScriptedHttp;
import io.steward.harness.stage.ScriptedHttp.Answer;
import io.steward.schemas.agent.ToolConfig.UserLocation;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.id.Ids;
import io.steward.schemas.json.Json;
import io.steward.schemas.search.SearchDomains;
import io.steward.schemas.search.SearchHit;
import io.steward.schemas.search.SearchOutcome;
import io.steward.schemas.search.SearchOutcome.Failed;
import io.steward.schemas.search.SearchOutcome.Found;
import io.steward.schemas.search.SearchRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Searches through the official client, from a server that speaks the Messages API.
class AnthropicSearchTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final SearchRequest RAIN =
      new SearchRequest("rain", new SearchDomains.Any(), null);

  private ScriptedHttp server;

  @BeforeEach
  void start() throws IOException {
    server = ScriptedHttp.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /// A stream whose blocks are whole at their start, but for the parts after a `+`.
  private static Answer reply(String stopReason, String... blocks) {
    List<String> events = new ArrayList<>();
    events.add(
        """
        {"type":"message_start","message":{"id":"m","type":"message","role":"assistant",\
        "model":"m","content":[],"stop_reason":null,"stop_sequence":null,\
        "usage":{"input_tokens":1,"output_tokens":1}}}\
        """);
    int index = -1;
    for (String block : blocks) {
      String json = block.replace('\'', '"');
      if (json.startsWith("+")) {
        events.add(
            "{\"type\":\"content_block_delta\",\"index\":%d,\"delta\":%s}"
                .formatted(index, json.substring(1)));
      } else {
        index++;
        events.add(
            "{\"type\":\"content_block_start\",\"index\":%d,\"content_block\":%s}"
                .formatted(index, json));
      }
    }
    for (int i = 0; i <= index; i++) {
      events.add("{\"type\":\"content_block_stop\",\"index\":%d}".formatted(i));
    }
    events.add(
        """
        {"type":"message_delta","delta":{"stop_reason":"%s","stop_sequence":null},\
        "usage":{"output_tokens":2,"server_tool_use":{"web_search_requests":1}}}\
        """
            .formatted(stopReason));
    events.add("{\"type\":\"message_stop\"}");
    return Answer.messages(events.toArray(String[]::new));
  }

  private static final String USE =
      "{'type':'server_tool_use','id':'srvtoolu_1','name':'web_search','input':{}}";

  private static final String RESULTS =
      "{'type':'web_search_tool_result','tool_use_id':'srvtoolu_1','content':["
          + "{'type':'web_search_result','url':'https://example.com/a','title':'A',"
          + "'encrypted_content':'x','page_age':'yesterday'},"
          + "{'type':'web_search_result','url':'https://example.com/b','title':'B',"
          + "'encrypted_content':'y','page_age':null}]}";

  private static String cited(String url, String passage) {
    return "+{'type':'citations_delta','citation':{'type':'web_search_result_location','url':'"
        + url
        + "','title':'B','encrypted_index':'z','cited_text':'"
        + passage
        + "'}}";
  }

  private static String error(String code) {
    return "{'type':'web_search_tool_result','tool_use_id':'srvtoolu_1','content':"
        + "{'type':'web_search_tool_result_error','error_code':'"
        + code
        + "'}}";
  }

  private SearchOutcome search(SearchRequest request, Answer answer) {
    server.play(answer);
    try (ModelClient client =
        AnthropicModelClient.direct(Ask.endpoint(server.baseUrl()), Ids::random)) {
      return new AnthropicSearch(client, "claude-x", LONG).search(request);
    }
  }

  private static JsonNode json(String text) {
    return Json.tree(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void the_provider_is_asked_to_search_once_and_knows_nothing_but_the_query() {
    SearchRequest request =
        new SearchRequest(
            "rain",
            new SearchDomains.Only(List.of("example.com/blog")),
            new UserLocation("Bonn", null, "DE", "Europe/Berlin"));

    var _ = search(request, reply("end_turn", USE, RESULTS));

    JsonNode body = server.asked().getFirst().body();
    assertEquals("claude-x", body.path("model").asText());
    assertEquals(
        json(
            "[{'type':'web_search_20250305','name':'web_search','max_uses':1,"
                + "'allowed_domains':['example.com/blog'],'user_location':{'type':'approximate',"
                + "'city':'Bonn','country':'DE','timezone':'Europe/Berlin'}}]"),
        body.path("tools"));
    assertEquals(
        json(
            "[{'role':'user','content':[{'type':'text',"
                + "'text':'Perform a web search for the query: rain'}]}]"),
        body.path("messages"));
    assertFalse(body.has("tool_choice"));
  }

  @Test
  void blocked_domains_are_passed_on() {
    var _ =
        search(
            new SearchRequest("rain", new SearchDomains.Except(List.of("evil.test")), null),
            reply("end_turn", USE, RESULTS));

    JsonNode tool = server.asked().getFirst().body().at("/tools/0");
    assertEquals(json("['evil.test']"), tool.path("blocked_domains"));
    assertFalse(tool.has("allowed_domains"));
    assertFalse(tool.has("user_location"));
  }

  @Test
  void hits_have_what_was_cited_of_them_and_the_model_says_the_rest() {
    SearchOutcome outcome =
        search(
            RAIN,
            reply(
                "end_turn",
                "{'type':'text','text':''}",
                "+{'type':'text_delta','text':'I will search.'}",
                USE,
                "+{'type':'input_json_delta','partial_json':''}",
                RESULTS,
                "{'type':'text','text':'','citations':[]}",
                cited("https://example.com/b", "first"),
                cited("https://example.com/b", "second"),
                "+{'type':'text_delta','text':'It rains'}",
                "{'type':'text','text':''}",
                "+{'type':'text_delta','text':', says B.'}",
                "{'type':'text','text':'','citations':[]}",
                cited("https://example.com/b", "first"),
                "+{'type':'text_delta','text':' Much.'}"));

    assertEquals(
        new Found(
            List.of(
                new SearchHit("https://example.com/a", "A", "yesterday"),
                new SearchHit("https://example.com/b", "B", "first … second")),
            "It rains, says B. Much."),
        outcome);
  }

  @Test
  void a_search_without_results_is_one_all_the_same() {
    assertEquals(
        new Found(List.of(), "Nothing."),
        search(
            RAIN,
            reply(
                "end_turn",
                USE,
                "{'type':'web_search_tool_result','tool_use_id':'srvtoolu_1','content':[]}",
                "{'type':'text','text':'Nothing.'}")));
  }

  @ParameterizedTest
  @CsvSource({
    "too_many_requests, too_many_requests: The provider's search has too much to do.",
    "query_too_long, query_too_long: The query is too long for the provider's search.",
    "invalid_tool_input, invalid_input: The provider's search does not take this query.",
    "unavailable, unavailable: The provider's search is not available.",
    "something_new, unavailable: The provider's search is not available.",
  })
  void an_error_of_the_tool_is_a_sentence(String code, String sentence) {
    SearchOutcome outcome =
        search(RAIN, reply("end_turn", USE, error(code), "{'type':'text','text':'Sorry.'}"));

    assertEquals(sentence, assertInstanceOf(Failed.class, outcome).text());
  }

  @Test
  void a_model_that_only_talks_has_not_searched() {
    assertEquals(
        SearchOutcome.unavailable("The model that searches did not search."),
        search(RAIN, reply("end_turn", "{'type':'text','text':'It always rains.'}")));
  }

  @ParameterizedTest
  @CsvSource({"529, too_many_requests", "429, too_many_requests", "401, unavailable"})
  void a_provider_that_refuses_is_a_sentence(int status, String reason) {
    Failed failed =
        assertInstanceOf(
            Failed.class,
            search(
                RAIN,
                Answer.json(
                    status,
                    "{\"type\":\"error\",\"error\":{\"type\":\"x\",\"message\":\"canary\"}}")));

    assertTrue(failed.text().startsWith(reason + ": The model that searches"), failed.text());
    assertFalse(failed.text().contains("canary"), failed.text());
  }

  @Test
  void a_search_that_takes_too_long_is_given_up() {
    ModelClient silent = waiting(new CountDownLatch(1), new CountDownLatch(1));

    SearchOutcome outcome = new AnthropicSearch(silent, "m", Duration.ofMillis(1)).search(RAIN);

    assertEquals(
        SearchOutcome.unavailable("The search took longer than the limit of 0 seconds."), outcome);
  }

  @Test
  void an_interrupt_ends_the_search_and_its_request() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    AnthropicSearch search = new AnthropicSearch(waiting(begun, ended), "m", LONG);
    FutureTask<SearchOutcome> task = new FutureTask<>(() -> search.search(RAIN));
    Thread thread = Thread.ofVirtual().start(task);

    begun.await();
    thread.interrupt();

    ended.await();
    assertEquals(SearchOutcome.unavailable("The search was interrupted."), task.get());
  }

  @Test
  void a_search_needs_time() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new AnthropicSearch((_, _) -> failed(), "m", Duration.ZERO));
  }

  private static ModelClient waiting(CountDownLatch begun, CountDownLatch ended) {
    return (_, _) -> {
      begun.countDown();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        ended.countDown();
      }
      return failed();
    };
  }

  private static ModelOutcome failed() {
    return new ModelOutcome.Failed(
        ModelFailure.of(ModelFailure.Kind.UNAVAILABLE, "No."), RequestUsage.NONE);
  }
}
