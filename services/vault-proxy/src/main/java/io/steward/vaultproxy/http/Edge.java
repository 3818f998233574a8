package io.steward.vaultproxy.http;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiKey;
import io.steward.schemas.id.Ids;
import io.steward.schemas.kafka.Envelope;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// Answers every request but those for `/q`: first the key, then the route, then the size of the
/// body, then the route's handler on a virtual thread.
@Singleton
class Edge {
  /// Requests that are handled at once; one more is refused.
  static final int REQUESTS_MAX = 128;

  /// The bodies that are in memory at once, in bytes; one more is refused.
  static final long BYTES_MAX = 8L * 1024 * 1024;

  /// Requests with larger bodies are handled one at a time: JSON takes several times its size in
  /// memory while it is parsed.
  private static final int LARGE_BYTES = 64 * 1024;

  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Pattern REQUEST_ID = Pattern.compile("req_[A-Za-z0-9]{1,64}");
  private static final ApiError UNAUTHENTICATED =
      ApiError.unauthenticated(
          "The x-api-key or Authorization: Bearer header is missing or holds an unknown key.");

  private final Optional<ApiKey> key;
  private final RouteTable table;
  private final Traffic traffic;
  private final MeterRegistry registry;
  private final Semaphore large = new Semaphore(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @Inject
  Edge(
      @ConfigProperty(name = "steward.api-key") Optional<String> key,
      VaultRoutes vaults,
      CredentialRoutes credentials,
      AuditRoutes audit,
      MeterRegistry registry) {
    this(
        key,
        Stream.of(vaults.routes(), credentials.routes(), audit.routes())
            .flatMap(List::stream)
            .toList(),
        new Traffic(REQUESTS_MAX, BYTES_MAX),
        registry);
  }

  Edge(Optional<String> key, List<Route> routes, Traffic traffic, MeterRegistry registry) {
    this.key = key.filter(text -> !text.isBlank()).map(ApiKey::new);
    this.table = new RouteTable(routes);
    this.traffic = traffic;
    this.registry = registry;
    Gauge.builder(Exchange.METRICS + "requests", traffic, Traffic::requests)
        .description("Requests under way")
        .register(registry);
    Gauge.builder(Exchange.METRICS + "request.bytes", traffic, Traffic::bytes)
        .description("Bytes of bodies in memory")
        .register(registry);
  }

  void register(@Observes Router router) {
    router.route().handler(this::enter);
  }

  private void enter(RoutingContext routing) {
    HttpServerRequest request = routing.request();
    String path = request.path() == null ? "/" : request.path();
    if (path.startsWith("/q/")) {
      routing.next();
      return;
    }
    Exchange exchange =
        new Exchange(requestId(request), request, routing.vertx().getOrCreateContext(), registry);
    boolean api = path.equals("/v1") || path.startsWith("/v1/");
    if (api && !admitted(request)) {
      refuse(exchange, request, UNAUTHENTICATED);
      return;
    }
    if (api) {
      request.response().putHeader("anthropic-workspace-id", Envelope.DEFAULT_WORKSPACE);
    }
    switch (table.match(request.method().name(), path)) {
      case RouteTable.Match.Nothing _ ->
          refuse(exchange, request, ApiError.notFound("There is nothing at " + path + "."));
      case RouteTable.Match.WrongMethod(List<String> methods) -> {
        String allowed = String.join(", ", methods);
        request.response().putHeader("allow", allowed);
        refuse(
            exchange,
            request,
            ApiError.methodNotAllowed(
                path + " does not take " + request.method() + ", only " + allowed + "."));
      }
      case RouteTable.Match.Found(Route route, Map<String, String> segments) ->
          start(exchange, route, segments, request);
    }
  }

  private void start(
      Exchange exchange, Route route, Map<String, String> segments, HttpServerRequest request) {
    Traffic.Body held = traffic.body();
    BodyReader.read(
        request,
        held,
        body -> {
          Request asked = new Request(segments, new Query(parameters(request)), body);
          threads.execute(() -> {
            try {
              handle(exchange, route, asked);
            } finally {
              held.release();
            }
          });
        },
        why -> exchange.answer(error(why)));
  }

  private void handle(Exchange exchange, Route route, Request request) {
    if (!traffic.enter()) {
      exchange.answer(full("There are more requests under way than the limit."));
      return;
    }
    @Nullable Semaphore turn = request.body().length > LARGE_BYTES ? large : null;
    try {
      if (turn != null) {
        turn.acquireUninterruptibly();
      }
      exchange.run(route, request);
    } finally {
      if (turn != null) {
        turn.release();
      }
      traffic.leave();
    }
  }

  private static ApiError error(BodyReader.Refusal why) {
    return switch (why) {
      case BodyReader.Refusal.TooLarge _ ->
          ApiError.tooLarge(
              "The body has more than %,d bytes, which is the limit."
                  .formatted(BodyReader.BODY_BYTES_MAX));
      case BodyReader.Refusal.TooLong(long bytes) ->
          ApiError.invalid(
              "The body has %,d bytes, but vaults and credentials may have at most %,d."
                  .formatted(bytes, BodyReader.KEPT_BYTES_MAX));
      case BodyReader.Refusal.NoRoom _ ->
          full("The bodies of the requests under way have more bytes than the limit.");
    };
  }

  private static ApiError full(String message) {
    return ApiError.rateLimited(message, RETRY);
  }

  /// Answers at once; a body is thrown away as it comes.
  private void refuse(Exchange exchange, HttpServerRequest request, ApiError error) {
    BodyReader.drain(request, traffic.body());
    exchange.answer(error);
  }

  private boolean admitted(HttpServerRequest request) {
    return key.filter(expected ->
            expected.admits(request.getHeader("x-api-key"), request.getHeader("authorization")))
        .isPresent();
  }

  private static String requestId(HttpServerRequest request) {
    String given = request.getHeader("x-steward-request-id");
    return given != null && REQUEST_ID.matcher(given).matches() ? given : Ids.random("req_");
  }

  private static Map<String, List<String>> parameters(HttpServerRequest request) {
    Map<String, List<String>> values = new HashMap<>();
    for (String name : request.params().names()) {
      values.put(name, request.params().getAll(name));
    }
    return values;
  }
}
