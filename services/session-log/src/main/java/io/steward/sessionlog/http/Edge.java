package io.steward.sessionlog.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.quarkus.arc.All;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.Ids;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.trace.Tracing;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.SessionLogMetrics;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

/// Answers every request but those for `/q`: first who asks, then the route and whether they may,
/// then the size of the body, then the route's handler on a virtual thread.
@Singleton
class Edge {
  private static final Logger LOG = Logger.getLogger(Edge.class);

  /// What the console format puts before each message of a request, and nowhere else.
  private static final String LOGGED = "request";

  /// Requests with larger bodies are handled one at a time: JSON takes several times its size in
  /// memory while it is parsed.
  private static final int LARGE_BYTES = 1024 * 1024;

  private static final int TOO_MANY = 429;
  private static final int UNAVAILABLE = 503;
  private static final Pattern REQUEST_ID = Pattern.compile("req_[A-Za-z0-9]{1,64}");
  private static final ApiError CREDENTIALS_AWAY =
      ApiError.unavailable("The worker's credential cannot be looked up now; try again soon.");
  private static final ApiError TOO_LARGE =
      ApiError.tooLarge("The body is larger than the limit of 33554432 bytes.");

  private final Gate gate;
  private final RouteTable table;
  private final Traffic traffic;
  private final SessionLogMetrics metrics;
  private final Tracing tracing;
  private final Semaphore large = new Semaphore(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  Edge(
      SessionLogConfig config,
      @All List<Route.Source> sources,
      WorkerCredentials workers,
      SessionLogMetrics metrics,
      Tracing tracing) {
    SessionLogConfig.Limits limits = config.sessionLog();
    this.traffic =
        new Traffic(
            limits.requestsMax(),
            limits.sessionRequestsMax(),
            limits.requestBytesMax().asLongValue());
    this.metrics = metrics;
    this.tracing = tracing;
    metrics.show("requests", "Requests under way", traffic, Traffic::requests);
    metrics.show("request.bytes", "Bytes of bodies in memory", traffic, Traffic::bytes);
    this.gate = new Gate(config.apiKey(), workers);
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
        new Exchange(
            requestId(request), request, routing.vertx().getOrCreateContext(), traffic, metrics);
    RouteTable.Match match = table.match(request.method().name(), path);
    if (!isApi(path)) {
      proceed(exchange, Caller.CLIENT, match);
      return;
    }
    switch (gate.entry(request.getHeader("x-api-key"), request.getHeader("authorization"))) {
      case Gate.Entry.Refused(ApiError error) -> exchange.refuse(error);
      case Gate.Entry.Claimed(Credential credential) -> admitWorker(exchange, credential, match);
      case Gate.Entry.Known(Caller caller) -> admit(exchange, caller, match);
    }
  }

  /// Lets somebody in who needs no looking up, on the event loop.
  private void admit(Exchange exchange, Caller caller, RouteTable.Match match) {
    try {
      require(caller, match);
      proceed(exchange, caller, match);
    } catch (ApiException e) {
      exchange.refuse(e.error());
    }
  }

  /// Lets a worker in once its credential was found; nothing of the body is read before.
  private void admitWorker(Exchange exchange, Credential credential, RouteTable.Match match) {
    exchange.request.pause();
    threads.execute(() -> {
      Runnable next;
      try (Traffic.Place _ = traffic.enter(null)) {
        Caller caller = gate.find(credential);
        require(caller, match);
        next = () -> proceed(exchange, caller, match);
      } catch (ApiException e) {
        next = () -> exchange.refuse(e.error());
      } catch (DependencyAwayException e) {
        LOG.warnf("A worker cannot be let in: %s: %s", e.getMessage(), e.getCause());
        next = () -> exchange.refuse(CREDENTIALS_AWAY);
      } catch (RuntimeException e) {
        LOG.error("A worker could not be let in", e);
        next = () -> exchange.refuse(ApiError.internal());
      }
      Runnable then = next;
      exchange.context.runOnContext(_ -> then.run());
    });
  }

  private void require(Caller caller, RouteTable.Match match) {
    if (match instanceof RouteTable.Match.Found(Route route, Map<String, String> segments)) {
      gate.require(caller, route, segments);
    }
  }

  private static boolean isApi(@Nullable String path) {
    return path != null && (path.equals("/v1") || path.startsWith("/v1/"));
  }

  private void proceed(Exchange exchange, Caller caller, RouteTable.Match match) {
    HttpServerRequest request = exchange.request;
    String path = request.path();
    if (isApi(path)) {
      request.response().putHeader("anthropic-workspace-id", Envelope.DEFAULT_WORKSPACE);
    }
    switch (match) {
      case RouteTable.Match.Nothing _ ->
          exchange.refuse(ApiError.notFound("There is nothing at " + path + "."));
      case RouteTable.Match.WrongMethod(List<String> methods) -> {
        request.response().putHeader("allow", String.join(", ", methods));
        exchange.refuse(
            ApiError.methodNotAllowed(
                path
                    + " does not take "
                    + request.method()
                    + ", only "
                    + String.join(", ", methods)
                    + "."));
      }
      case RouteTable.Match.Found(Route route, Map<String, String> segments) ->
          start(exchange, caller, route, segments);
    }
  }

  private void start(Exchange exchange, Caller caller, Route route, Map<String, String> segments) {
    HttpServerRequest request = exchange.request;
    exchange.span = RequestSpan.begin(tracing, request, route, segments, exchange.id);
    switch (route.action()) {
      case Route.Action.Whole(Route.Handler handler) -> {
        Traffic.Body held = traffic.body();
        BodyReader.read(
            request,
            held,
            body -> {
              Request asked = asked(exchange, caller, segments, body);
              Semaphore turn = body.length > LARGE_BYTES ? large : null;
              threads.execute(() -> {
                try {
                  exchange.enter(route, segments, () -> handler.handle(asked), turn);
                } finally {
                  held.release();
                }
              });
            },
            why ->
                exchange.answer(
                    switch (why) {
                      case TOO_LARGE -> TOO_LARGE;
                      case NO_ROOM -> traffic.tooManyBytes();
                    }));
      }
      case Route.Action.Streamed(long bytesMax, Route.StreamHandler handler) -> {
        Request asked = asked(exchange, caller, segments, new byte[0]);
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
      Exchange exchange, Caller caller, Map<String, String> segments, byte[] body) {
    HttpServerRequest request = exchange.request;
    String lastEventId = request.getHeader("last-event-id");
    return new Request(
        exchange.id,
        segments,
        new QueryParameters(parameters(request)),
        betas(request),
        caller,
        request.getHeader("anthropic-worker-id"),
        lastEventId == null || lastEventId.isEmpty() ? null : lastEventId,
        body);
  }

  private static Set<String> betas(HttpServerRequest request) {
    return request.headers().getAll("anthropic-beta").stream()
        .flatMap(header -> Stream.of(header.split(",")))
        .map(String::strip)
        .filter(beta -> !beta.isEmpty())
        .collect(Collectors.toUnmodifiableSet());
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
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Context context;
    private final Traffic traffic;
    private final SessionLogMetrics metrics;
    private volatile RequestSpan span = RequestSpan.NONE;

    Exchange(
        String id,
        HttpServerRequest request,
        Context context,
        Traffic traffic,
        SessionLogMetrics metrics) {
      this.id = id;
      this.request = request;
      this.response = request.response();
      this.context = context;
      this.traffic = traffic;
      this.metrics = metrics;
      response.putHeader("request-id", id);
    }

    /// Runs the handler unless there is too much under way.
    void enter(
        Route route,
        Map<String, String> segments,
        Supplier<Reply> handler,
        @Nullable Semaphore turn) {
      Traffic.Place place;
      try {
        place = traffic.enter(segments.get("session_id"));
      } catch (ApiException e) {
        answer(e.error());
        return;
      }
      try (place) {
        run(route, handler, turn);
      }
    }

    void run(Route route, Supplier<Reply> handler, @Nullable Semaphore turn) {
      MDC.put(LOGGED, "request_id=" + id + " ");
      if (turn != null) {
        turn.acquireUninterruptibly();
      }
      try {
        switch (span.within(handler)) {
          case Reply.Json(Object body) -> json(200, Json.bytes(body));
          case Reply.Stream stream -> {
            context.runOnContext(_ -> stream.open().accept(new OpenStream(request, context)));
            span.answered(200);
          }
          case Reply.Bytes bytes -> {
            new BytesWriter(response, context).write(bytes);
            span.answered(200);
          }
        }
      } catch (ApiException e) {
        LOG.debugf("%s %s: %s", route.method(), String.join("/", route.template()), e.getMessage());
        answer(e.error());
      } catch (DependencyAwayException e) {
        away(route, String.valueOf(e.getMessage()), e.getCause());
      } catch (UncheckedIOException e) {
        if (e.getCause() instanceof JsonProcessingException) {
          failed(route, e);
        } else {
          away(route, "the blob store does not answer", e.getCause());
        }
      } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
        failed(route, e);
      } finally {
        if (turn != null) {
          turn.release();
        }
        MDC.remove(LOGGED);
      }
    }

    private void failed(Route route, Throwable bug) {
      LOG.errorf(bug, "%s %s failed", route.method(), String.join("/", route.template()));
      answer(ApiError.internal());
    }

    /// Something that is needed is away, which is no bug.
    private void away(Route route, String what, @Nullable Throwable cause) {
      LOG.warnf("%s %s: %s: %s", route.method(), String.join("/", route.template()), what, cause);
      String sentence = Character.toUpperCase(what.charAt(0)) + what.substring(1);
      answer(ApiError.unavailable(sentence + "; try again soon."));
    }

    /// Answers at once; a body is thrown away as it comes.
    void refuse(ApiError error) {
      BodyReader.drain(request, traffic.body());
      answer(error);
    }

    void answer(ApiError error) {
      if (error.status() == TOO_MANY || error.status() == UNAVAILABLE) {
        metrics.refused(error.status());
      }
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
      span.answered(status);
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
