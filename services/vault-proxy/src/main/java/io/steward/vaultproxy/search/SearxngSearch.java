package io.steward.vaultproxy.search;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.ToolConfig.UserLocation;
import io.steward.schemas.json.Json;
import io.steward.schemas.search.SearchDomains;
import io.steward.schemas.search.SearchHit;
import io.steward.schemas.search.SearchOutcome;
import io.steward.schemas.search.SearchOutcome.Failed;
import io.steward.schemas.search.SearchOutcome.Found;
import io.steward.schemas.search.SearchOutcome.Reason;
import io.steward.schemas.search.SearchRequest;
import io.steward.schemas.search.WebSearch;
import io.steward.vaultproxy.egress.AddressPolicy;
import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.egress.EgressRefusal;
import io.steward.vaultproxy.egress.Resolver;
import io.steward.vaultproxy.egress.WebUrl;
import io.steward.vaultproxy.outbound.Answer;
import io.steward.vaultproxy.outbound.Appetite;
import io.steward.vaultproxy.outbound.Deadline;
import io.steward.vaultproxy.outbound.PinnedClient;
import io.steward.vaultproxy.outbound.PinnedRequest;
import io.vertx.core.Vertx;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Searches with a SearXNG instance of the operator, through its JSON API.
///
/// The instance may be at any address: the operator's word is enough, and only its own host and
/// port are ever connected to, whatever a model asks; redirects are not followed. Results are data,
/// none of them is fetched.
public final class SearxngSearch implements WebSearch {
  private static final Logger LOG = Logger.getLogger(SearxngSearch.class);

  /// Results of an answer that are looked at; an instance sends some dozens.
  public static final int RESULTS_MAX = 200;

  /// Searches that the instance is asked at once; others wait.
  public static final int AT_ONCE_MAX = 16;

  private static final int FORBIDDEN = 403;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final AddressPolicy EVERYWHERE = AddressPolicy.parse("0.0.0.0/0,::/0");

  private final WebUrl instance;
  private final SearchLimits limits;
  private final PinnedClient client;
  private final Semaphore turns = new Semaphore(AT_ONCE_MAX);

  private SearxngSearch(WebUrl instance, SearchLimits limits, PinnedClient client) {
    this.instance = instance;
    this.limits = limits;
    this.client = client;
  }

  /// @param url of the instance, as its users open it in a browser
  /// @throws IllegalArgumentException with what is wrong with `url`
  public static SearxngSearch at(String url, Vertx vertx, Resolver resolver, SearchLimits limits) {
    WebUrl instance;
    try {
      instance = WebUrl.parse(url);
    } catch (EgressRefusal e) {
      throw new IllegalArgumentException(e.sentence(), e);
    }
    if (instance.path().contains("?") || url.contains("#")) {
      throw new IllegalArgumentException("It must have no query and no fragment.");
    }
    return new SearxngSearch(
        instance,
        limits,
        new PinnedClient(
            vertx, new CheckedAddresses(resolver, EVERYWHERE), limits.connectTimeMax(), null));
  }

  @Override
  public SearchOutcome search(SearchRequest request) {
    Deadline deadline = Deadline.in(limits.timeMax());
    try {
      if (!turns.tryAcquire(deadline.left().toNanos(), TimeUnit.NANOSECONDS)) {
        return new Failed(Reason.TOO_MANY_REQUESTS, "Too many searches run at the moment.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return unreachable(Answer.Failure.INTERRUPTED);
    }
    try {
      return asked(request, deadline);
    } finally {
      turns.release();
    }
  }

  private SearchOutcome asked(SearchRequest request, Deadline deadline) {
    try {
      return switch (client.send(get(request), deadline)) {
        case Answer.Failed(var why) -> unreachable(why);
        case Answer.Response(var head, _) when !head.successful() -> refused(head.status());
        case Answer.Response(var head, _) when head.packed() ->
            broken("it is compressed, although nobody asked for that");
        case Answer.Response(_, var body) when !body.whole() ->
            broken("it is larger than " + limits.bodyBytesMax() + " bytes");
        case Answer.Response(_, var body) -> read(body.bytes());
      };
    } catch (EgressRefusal e) {
      LOG.warnf("SearXNG cannot be asked: %s", e.sentence());
      return SearchOutcome.unavailable("The search service cannot be reached.");
    }
  }

  private PinnedRequest get(SearchRequest request) {
    StringBuilder path = new StringBuilder(instance.path());
    if (path.charAt(path.length() - 1) != '/') {
      path.append('/');
    }
    path.append("search?format=json&q=").append(encoded(query(request)));
    language(request.location())
        .ifPresent(language -> path.append("&language=").append(encoded(language)));
    Function<Answer.Head, Optional<Appetite>> reading =
        head ->
            head.successful() && !head.packed() ? Optional.of(Appetite.WHOLE) : Optional.empty();
    return new PinnedRequest(
        PinnedRequest.Method.GET,
        new WebUrl(instance.secure(), instance.host(), instance.port(), path.toString()),
        Map.of("Accept", "application/json"),
        "",
        limits.bodyBytesMax(),
        reading);
  }

  /// Most engines know `site:`. With several domains they differ, so those are left to the filter.
  private static String query(SearchRequest request) {
    return request.domains() instanceof SearchDomains.Only(var entries) && entries.size() == 1
        ? request.query() + " site:" + entries.getFirst()
        : request.query();
  }

  private static Optional<String> language(@Nullable UserLocation location) {
    return Optional.ofNullable(location).map(UserLocation::country).flatMap(SearxngLanguages::of);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private SearchOutcome unreachable(Answer.Failure why) {
    if (why == Answer.Failure.INTERRUPTED) {
      return SearchOutcome.unavailable("The search was interrupted.");
    }
    LOG.warnf("SearXNG does not answer: %s", why.sentence());
    return SearchOutcome.unavailable(
        why == Answer.Failure.LATE
            ? "The search took longer than the limit of "
                + limits.timeMax().toSeconds()
                + " seconds."
            : "The search service cannot be reached.");
  }

  private static SearchOutcome refused(int status) {
    if (status == TOO_MANY_REQUESTS) {
      return new Failed(Reason.TOO_MANY_REQUESTS, "The search service has too much to do.");
    }
    LOG.warnf(
        "SearXNG answers with status %d%s",
        status, status == FORBIDDEN ? ": is json among search.formats of its settings.yml?" : "");
    return SearchOutcome.unavailable("The search service answered with status " + status + ".");
  }

  private static Failed broken(String why) {
    LOG.warnf("An answer of SearXNG cannot be read: %s", why);
    return SearchOutcome.unavailable("The search service did not send an answer that can be read.");
  }

  private static SearchOutcome read(byte[] body) {
    JsonNode answer;
    try {
      answer = Json.tree(body);
    } catch (UncheckedIOException e) {
      return broken("it is not JSON");
    }
    JsonNode results = answer.path("results");
    if (!results.isArray()) {
      return broken("it has no results");
    }
    List<SearchHit> hits = new ArrayList<>();
    for (JsonNode result : results) {
      if (result.path("url").isTextual() && hits.size() < RESULTS_MAX) {
        hits.add(
            new SearchHit(
                result.path("url").asText(),
                result.path("title").asText(""),
                result.path("content").asText("")));
      }
    }
    JsonNode silent = answer.path("unresponsive_engines");
    if (hits.isEmpty() && silent.isArray() && !silent.isEmpty()) {
      LOG.warnf("No engine of SearXNG answered; %d failed", silent.size());
      return SearchOutcome.unavailable("None of the search engines answered.");
    }
    return new Found(hits, null);
  }

  @Override
  public void close() {
    client.close();
  }
}
