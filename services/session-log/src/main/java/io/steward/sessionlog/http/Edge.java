package io.steward.sessionlog.http;

import io.quarkus.arc.All;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.http.ApiKey;
import io.steward.schemas.id.Ids;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.sessionlog.SessionLogConfig;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/// Answers every request but those for `/q`: first the key, then the route, then the size of the
/// body, then the route's handler on a virtual thread.
@Singleton
class Edge {
  private static final Logger LOG = Logger.getLogger(Edge.class);

  /// What the console format puts before each message of a request, and nowhere else.
  private static final String LOGGED = "request";

  /// Requests with larger bodies are handled one at a time: JSON takes several times its size in
  /// memory while it is parsed.
  private static final int LARGE_BYTES = 1024 * 1024;

  private static final Pattern REQUEST_ID = Pattern.compile("req_[A-Za-z0-9]{1,64}");
  private static final ApiError UNAUTHENTICATED =
      ApiError.unauthenticated(
          "The x-api-key or Authorization: Bearer header is missing or holds an unknown key.");
  private static final ApiError TOO_LARGE =
      ApiError.tooLarge("The body is larger than the limit of 33554432 bytes.");

  private final Optional<ApiKey> key;
  private final RouteTable table;
  private final Semaphore large = new Semaphore(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  Edge(SessionLogConfig config, @All List<Route.Source> sources) {
    this.key = config.apiKey().filter(text -> !text.isBlank()).map(ApiKey::new);
    this.table =
        new RouteTable(sources.stream().flatMap(source -> source.routes().stream()).toList());
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
        new Exchange(requestId(request), request.response(), routing.vertx().getOrCreateContext());
    boolean api = path.equals("/v1") || path.startsWith("/v1/");
    if (api && !admitted(request)) {
      exchange.refuse(request, UNAUTHENTICATED);
      return;
    }
    if (api) {
      request.response().putHeader("anthropic-workspace-id", Envelope.DEFAULT_WORKSPACE);
    }
    switch (table.match(request.method().name(), path)) {
      case RouteTable.Match.Nothing _ ->
          exchange.refuse(request, ApiError.notFound("There is nothing at " + path + "."));
      case RouteTable.Match.WrongMethod(List<String> methods) -> {
        request.response().putHeader("allow", String.join(", ", methods));
        exchange.refuse(
            request,
            ApiError.methodNotAllowed(
                path
                    + " does not take "
                    + request.method()
                    + ", only "
                    + String.join(", ", methods)
                    + "."));
      }
      case RouteTable.Match.Found(Route route, Map<String, String> segments) ->
          start(exchange, route, segments, request);
    }
  }

  private void start(
      Exchange exchange, Route route, Map<String, String> segments, HttpServerRequest request) {
    switch (route.action()) {
      case Route.Action.Whole(Route.Handler handler) ->
          BodyReader.read(
              request,
              body -> {
                Request asked = asked(exchange, segments, request, body);
                Semaphore turn = body.length > LARGE_BYTES ? large : null;
                threads.execute(() -> exchange.run(route, () -> handler.handle(asked), turn));
              },
              () -> exchange.answer(TOO_LARGE));
      case Route.Action.Streamed(long bytesMax, Route.StreamHandler handler) -> {
        Request asked = asked(exchange, segments, request, new byte[0]);
        BodyStream body = BodyStream.open(request, exchange.context, bytesMax);
        threads.execute(() ->
            exchange.run(
                route,
                () -> {
                  try (body) {
                    return handler.handle(asked, body);
                  }
                },
                null));
      }
    }
  }

  private static Request asked(
      Exchange exchange, Map<String, String> segments, HttpServerRequest request, byte[] body) {
    return new Request(
        exchange.id, segments, new QueryParameters(parameters(request)), betas(request), body);
  }

  private static Set<String> betas(HttpServerRequest request) {
    return request.headers().getAll("anthropic-beta").stream()
        .flatMap(header -> Stream.of(header.split(",")))
        .map(String::strip)
        .filter(beta -> !beta.isEmpty())
        .collect(Collectors.toUnmodifiableSet());
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

  /// One request on its way to its answer.
  private static final class Exchange {
    private final String id;
    private final HttpServerResponse response;
    private final Context context;

    Exchange(String id, HttpServerResponse response, Context context) {
      this.id = id;
      this.response = response;
      this.context = context;
      response.putHeader("request-id", id);
    }

    void run(Route route, Supplier<Reply> handler, @Nullable Semaphore turn) {
      MDC.put(LOGGED, "request_id=" + id + " ");
      if (turn != null) {
        turn.acquireUninterruptibly();
      }
      try {
        switch (handler.get()) {
          case Reply.Json(Object body) -> json(200, Json.bytes(body));
          case Reply.Stream stream ->
              context.runOnContext(_ -> stream.open().accept(response, context));
          case Reply.Bytes bytes -> new BytesWriter(response, context).write(bytes);
        }
      } catch (ApiException e) {
        LOG.debugf("%s %s: %s", route.method(), String.join("/", route.template()), e.getMessage());
        answer(e.error());
      } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
        LOG.errorf(e, "%s %s failed", route.method(), String.join("/", route.template()));
        answer(ApiError.internal());
      } finally {
        if (turn != null) {
          turn.release();
        }
        MDC.remove(LOGGED);
      }
    }

    /// Answers at once; a body is thrown away as it comes.
    void refuse(HttpServerRequest request, ApiError error) {
      BodyReader.drain(request);
      answer(error);
    }

    void answer(ApiError error) {
      retryHeaders(error.retryAfter(), error.status());
      json(error.status(), Json.bytes(error.envelope(id)));
    }

    private void retryHeaders(@Nullable Duration retryAfter, int status) {
      if (retryAfter != null) {
        response.putHeader("retry-after", Long.toString(Math.max(1, retryAfter.toSeconds())));
      }
      if (status == 409) {
        response.putHeader("x-should-retry", "false");
      }
    }

    private void json(int status, byte[] body) {
      context.runOnContext(_ -> {
        if (!response.ended() && !response.closed()) {
          response.setStatusCode(status);
          response.putHeader("content-type", "application/json");
          var _ = response.end(Buffer.buffer(body));
        }
      });
    }
  }
}
