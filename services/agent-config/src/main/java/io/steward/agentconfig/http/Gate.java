package io.steward.agentconfig.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.steward.agentconfig.Settings;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiKey;
import io.steward.schemas.id.Ids;
import io.steward.schemas.kafka.Envelope;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Set;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/// Stands before every route: gives the request its id, checks the key, and turns away a body that
/// says it is too large before a byte of it is read.
@ApplicationScoped
class Gate {
  private static final Logger LOG = Logger.getLogger(Gate.class);
  private static final int FIRST = 1_000;

  /// The only paths without a key, compared as they were sent: a prefix could be left by `..`.
  private static final Set<String> OPEN =
      Set.of("/q/health", "/q/health/live", "/q/health/ready", "/q/health/started", "/q/metrics");

  private static final String PROXY_REQUEST_ID = "x-steward-request-id";
  private static final Pattern REQUEST_ID = Pattern.compile("req_[A-Za-z0-9]{1,64}");
  private static final int[] ROUTER_ERRORS = {400, 404, 405, 413, 414, 431, 500};

  private final ApiKey key;

  Gate(Settings settings) {
    this.key = new ApiKey(settings.apiKey());
  }

  void register(@Observes Filters filters) {
    filters.register(this::enter, FIRST);
  }

  /// Errors that no resource sees: unknown routes and requests that Vert.x itself refuses.
  void routerErrors(@Observes Router router) {
    for (int status : ROUTER_ERRORS) {
      router.errorHandler(status, context -> refuse(context, Refusals.ofStatus(status)));
    }
  }

  private void enter(RoutingContext context) {
    HttpServerRequest request = context.request();
    String path = request.path();
    if (path != null && OPEN.contains(path)) {
      context.next();
      return;
    }
    String requestId = requestId(request.getHeader(PROXY_REQUEST_ID));
    RequestIds.put(context, requestId);
    MDC.put("request_id", " request_id=" + requestId);
    long start = System.nanoTime();
    context.addEndHandler(_ ->
        LOG.infof(
            "%s %s %d %d ms",
            request.method(),
            path,
            context.response().getStatusCode(),
            (System.nanoTime() - start) / 1_000_000));
    context.response().putHeader("request-id", requestId);
    if (!authenticated(request)) {
      refuse(
          context,
          ApiError.unauthenticated(
              "The key is missing or wrong: send it as `x-api-key` or as a bearer token."));
      return;
    }
    context.response().putHeader("anthropic-workspace-id", Envelope.DEFAULT_WORKSPACE);
    if (tooLarge(request)) {
      refuse(context, Refusals.tooLarge());
      return;
    }
    context.next();
  }

  private static String requestId(@Nullable String given) {
    return given != null && REQUEST_ID.matcher(given).matches() ? given : Ids.random("req_");
  }

  private boolean authenticated(HttpServerRequest request) {
    return key.admits(request.getHeader("x-api-key"), request.getHeader(HttpHeaders.AUTHORIZATION));
  }

  private static boolean tooLarge(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return length != null && Long.parseLong(length.strip()) > Bodies.BYTES_MAX;
    } catch (NumberFormatException e) {
      return true;
    }
  }

  private static void refuse(RoutingContext context, ApiError error) {
    if (context.response().headWritten()) {
      context.response().reset();
      return;
    }
    String requestId = RequestIds.of(context);
    context.response().setStatusCode(error.status()).putHeader("request-id", requestId);
    Refusals.headers(error).forEach(context.response()::putHeader);
    context
        .response()
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(error.envelope(requestId).toString());
  }
}
