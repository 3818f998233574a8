package io.steward.vaultproxy.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.agent.ToolConfig.UserLocation;
import io.steward.schemas.search.SearchDomains;
import io.steward.schemas.search.SearchHit;
import io.steward.schemas.search.SearchOutcome;
import io.steward.schemas.search.SearchOutcome.Failed;
import io.steward.schemas.search.SearchOutcome.Found;
import io.steward.schemas.search.SearchRequest;
import io.steward.vaultproxy.stage.SearxngSite;
import io.steward.vaultproxy.stage.WebSite;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Searches over HTTP with an instance on this machine, which no policy of addresses would allow.
class SearxngSearchTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final SearchDomains ANY = new SearchDomains.Any();
  private static final SearchLimits LIMITS =
      new SearchLimits(Duration.ofSeconds(5), Duration.ofSeconds(20), 20_000);

  private SearxngSite site;

  @BeforeEach
  void start() throws IOException {
    site = SearxngSite.start();
  }

  @AfterEach
  void stop() {
    site.close();
  }

  @AfterAll
  static void stopVertx() {
    VERTX.close().toCompletionStage().toCompletableFuture().join();
  }

  private static List<InetAddress> resolve(String name) throws UnknownHostException {
    if (name.equals("searxng.internal")) {
      return List.of(InetAddress.ofLiteral("127.0.0.1"));
    }
    throw new UnknownHostException(name);
  }

  private static SearxngSearch at(String url, SearchLimits limits) {
    return SearxngSearch.at(url, VERTX, SearxngSearchTest::resolve, limits);
  }

  private SearchOutcome search(
      String url, String query, SearchDomains domains, @Nullable UserLocation location) {
    try (SearxngSearch search = at(url, LIMITS)) {
      return search.search(new SearchRequest(query, domains, location));
    }
  }

  private SearchOutcome search(String query) {
    return search(site.url(), query, ANY, null);
  }

  private String failed() {
    return assertInstanceOf(Failed.class, search("rain")).text();
  }

  @Test
  void results_become_hits_in_their_order() {
    site.answer(
        200,
        """
        {"query":"rain","number_of_results":2,"results":[
         {"url":"https://example.com/a","title":"A","content":"about a","engines":["x"]},
         {"url":"https://example.com/b","title":"B","content":null},
         {"title":"no url"}, {"url":7}, "nonsense"],
         "unresponsive_engines":[["y","timeout"]]}
        """);

    assertEquals(
        new Found(
            List.of(
                new SearchHit("https://example.com/a", "A", "about a"),
                new SearchHit("https://example.com/b", "B", "")),
            null),
        search("rain"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rain",
        "a&format=html",
        "x#y?z=%zz+1",
        "wie wird das Wetter: schön?",
        "天气 ☂ 😀",
        "a\nb"
      })
  void a_query_arrives_as_it_was_and_is_nothing_but_the_query(String query) {
    assertInstanceOf(Found.class, search(query));

    assertEquals(List.of(Map.of("q", query, "format", "json")), List.copyOf(site.searches()));
  }

  @Test
  void the_longest_query_fits() {
    String query = "天".repeat(SearchRequest.QUERY_CHARS_MAX);

    assertInstanceOf(Found.class, search(query));
    assertEquals(query, site.searches().element().get("q"));
  }

  @Test
  void a_request_says_who_asks_and_gives_nothing_away() {
    var _ = search("rain");

    assertEquals(
        Set.of("user-agent", "host", "accept", "connection"), site.headers().element().keySet());
  }

  @ParameterizedTest
  @CsvSource({"DE, de-DE", "CH, de-CH", "US, en-US", "JP, ja-JP", "VA,", ","})
  void the_country_is_a_region_of_its_language(
      @Nullable String country, @Nullable String language) {
    UserLocation location = new UserLocation("Bonn", "NRW", country, "Europe/Berlin");

    var _ = search(site.url(), "rain", ANY, location);

    assertEquals(language, site.searches().element().get("language"));
    assertEquals("rain", site.searches().element().get("q"));
  }

  @Test
  void one_allowed_domain_is_passed_on_and_several_are_not() {
    var _ = search(site.url(), "rain", new SearchDomains.Only(List.of("a.com/b")), null);
    var _ = search(site.url(), "rain", new SearchDomains.Only(List.of("a.com", "b.com")), null);
    var _ = search(site.url(), "rain", new SearchDomains.Except(List.of("a.com")), null);

    assertEquals(
        List.of("rain site:a.com/b", "rain", "rain"),
        site.searches().stream().map(search -> search.get("q")).toList());
  }

  @Test
  void the_instance_may_have_a_name_and_a_slash_at_the_end_of_its_path() {
    String url = "http://searxng.internal:" + site.port() + "/searxng/";

    assertInstanceOf(Found.class, search(url, "rain", ANY, null));
    assertEquals("searxng.internal:" + site.port(), site.headers().element().get("host"));
  }

  @Test
  void an_instance_without_json_is_a_sentence() {
    site.withoutJson();

    assertEquals("unavailable: The search service answered with status 403.", failed());
  }

  @ParameterizedTest
  @CsvSource({
    "429, too_many_requests: The search service has too much to do.",
    "500, unavailable: The search service answered with status 500.",
    "404, unavailable: The search service answered with status 404.",
  })
  void a_status_is_a_sentence(int status, String sentence) {
    site.answer(status, "{\"results\":[]}");

    assertEquals(sentence, failed());
  }

  @Test
  void a_redirect_is_not_followed() throws IOException {
    try (WebSite other = WebSite.start()) {
      site.answer(exchange -> {
        exchange.getResponseHeaders().set("Location", "http://127.0.0.1:" + other.port() + "/");
        exchange.sendResponseHeaders(302, -1);
      });

      assertEquals("unavailable: The search service answered with status 302.", failed());
      assertEquals(List.of(), other.visits());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "<html>", "[]", "{}", "{\"results\":{}}", "{\"results\":[", "null", "\0"})
  void an_answer_that_is_none_is_a_sentence(String body) {
    site.answer(200, body);

    assertEquals(
        "unavailable: The search service did not send an answer that can be read.", failed());
  }

  @Test
  void an_answer_that_is_too_large_is_not_read_to_its_end() {
    site.answer(200, "{\"results\":[],\"x\":\"" + "x".repeat(30_000) + "\"}");

    assertEquals(
        "unavailable: The search service did not send an answer that can be read.", failed());
  }

  @Test
  void an_answer_that_is_packed_is_not_unpacked() {
    site.answer(exchange -> {
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
      exchange.sendResponseHeaders(200, 3);
      exchange.getResponseBody().write(new byte[3]);
    });

    assertEquals(
        "unavailable: The search service did not send an answer that can be read.", failed());
  }

  @Test
  void deep_json_ends_nothing_but_the_search() {
    site.answer(200, "[".repeat(9_000));

    assertTrue(failed().startsWith("unavailable: "));
  }

  @Test
  void when_no_engine_answered_nothing_was_found_out() {
    site.answer(200, "{\"results\":[],\"unresponsive_engines\":[[\"x\",\"timeout\"]]}");

    assertEquals("unavailable: None of the search engines answered.", failed());
  }

  @Test
  void many_results_are_looked_at_up_to_a_limit() {
    String one = "{\"url\":\"https://example.com/\",\"title\":\"t\"},";
    site.answer(200, "{\"results\":[" + one.repeat(300) + "7]}");

    assertEquals(
        SearxngSearch.RESULTS_MAX, assertInstanceOf(Found.class, search("rain")).hits().size());
  }

  @Test
  void an_instance_that_is_away_is_a_sentence() {
    site.close();

    assertEquals("unavailable: The search service cannot be reached.", failed());
    assertEquals(
        "unavailable: The search service cannot be reached.",
        assertInstanceOf(Failed.class, search("http://no-such-host/", "rain", ANY, null)).text());
  }

  @Test
  void an_instance_that_says_nothing_is_given_up() throws InterruptedException {
    CountDownLatch closed = new CountDownLatch(1);
    site.answer(exchange -> await(closed));
    SearchLimits hasty = new SearchLimits(Duration.ofSeconds(5), Duration.ofSeconds(1), 20_000);

    try (SearxngSearch search = at(site.url(), hasty)) {
      SearchOutcome outcome = search.search(new SearchRequest("rain", ANY, null));

      assertEquals(
          SearchOutcome.unavailable("The search took longer than the limit of 1 seconds."),
          outcome);
    } finally {
      closed.countDown();
    }
  }

  @Test
  void an_interrupt_ends_a_search_and_its_turn() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    site.answer(exchange -> {
      arrived.countDown();
      await(closed);
    });
    try (SearxngSearch search = at(site.url(), LIMITS)) {
      FutureTask<SearchOutcome> task =
          new FutureTask<>(() -> search.search(new SearchRequest("rain", ANY, null)));
      Thread thread = Thread.ofVirtual().start(task);
      arrived.await();
      thread.interrupt();

      assertEquals(SearchOutcome.unavailable("The search was interrupted."), task.get());
    } finally {
      closed.countDown();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "searxng:8080, http and https",
    "ftp://searxng/, http and https",
    "http://me:secret@searxng/, user name or a password",
    "http://searxng/?q=x, no query",
    "http://searxng/#x, no query",
    "http://sear xng/, not a host name",
  })
  void a_url_that_cannot_be_used_is_refused_at_the_start(String url, String why) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> at(url, LIMITS));

    assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
  }
}
