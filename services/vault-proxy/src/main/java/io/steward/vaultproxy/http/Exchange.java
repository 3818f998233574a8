package io.steward.vaultproxy.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.DependencyAwayException;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import org.jboss.logging.Logger;

/// One request on its way to its answer. Nothing of a body is logged.
final class Exchange {
  static final String METRICS = "steward.vault.proxy.";

  private static final Logger LOG = Logger.getLogger(Exchange.class);

  private static final int CONFLICT = 409;
  private static final int TOO_MANY = 429;
  private static final int UNAVAILABLE = 503;

  private final String id;
  private final String asked;
  private final HttpServerResponse response;
  private final Context context;
  private final MeterRegistry registry;
  private final long startNanos = System.nanoTime();

  Exchange(String id, HttpServerRequest request, Context context, MeterRegistry registry) {
    this.id = id;
    this.asked = request.method() + " " + request.path();
    this.response = request.response();
    this.context = context;
    this.registry = registry;
    response.putHeader("request-id", id);
  }

  /// Runs the handler of the route and answers.
  void run(Route route, Request request) {
    try {
      json(200, Json.bytes(route.handler().handle(request)));
    } catch (ApiException e) {
      answer(e.error());
    } catch (DependencyAwayException e) {
      LOG.warnf("%s: %s: %s request_id=%s", asked, e.getMessage(), e.getCause(), id);
      answer(ApiError.unavailable("The database does not answer; try again soon."));
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      LOG.errorf(e, "%s failed request_id=%s", asked, id);
      answer(ApiError.internal());
    }
  }

  void answer(ApiError error) {
    int status = error.status();
    if (status == TOO_MANY || status == UNAVAILABLE) {
      registry
          .counter(METRICS + "requests.refused", "status", Integer.toString(status))
          .increment();
    }
    Duration retryAfter = error.retryAfter();
    if (retryAfter != null) {
      response.putHeader("retry-after", Long.toString(Math.max(1, retryAfter.toSeconds())));
    }
    if (status == CONFLICT) {
      response.putHeader("x-should-retry", "false");
    }
    json(status, Json.bytes(error.envelope(id)));
  }

  private void json(int status, byte[] body) {
    LOG.infof(
        "%s %d %d ms request_id=%s",
        asked, status, (System.nanoTime() - startNanos) / 1_000_000, id);
    context.runOnContext(_ -> {
      if (!response.ended() && !response.closed()) {
        response.setStatusCode(status);
        response.putHeader("content-type", "application/json");
        var _ = response.end(Buffer.buffer(body));
      }
    });
  }
}
