package io.steward.vaultproxy.http;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiKey;
import io.steward.schemas.id.Ids;
import io.steward.schemas.json.Json;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Answers everything below `/v1`: first the key, then the size of the body, then the route. There
/// are no vaults yet, so an authenticated request learns that.
@ApplicationScoped
class VaultRoutes {
  /// The largest body that is read, in bytes.
  static final long BODY_BYTES_MAX = 32L * 1024 * 1024;

  private static final Logger LOG = Logger.getLogger(VaultRoutes.class);
  private static final String REQUEST_ID = "x-steward-request-id";
  private static final ApiError UNAUTHENTICATED =
      ApiError.unauthenticated(
          "The x-api-key or Authorization: Bearer header is missing or holds an unknown key.");
  private static final ApiError NOT_YET =
      ApiError.notFound("There is nothing at this path: vaults come with a later release.");
  private static final ApiError TOO_LARGE =
      ApiError.tooLarge("The body is larger than the limit of 33554432 bytes.");

  private final Optional<ApiKey> key;

  VaultRoutes(@ConfigProperty(name = "steward.api-key") Optional<String> key) {
    this.key = key.filter(text -> !text.isBlank()).map(ApiKey::new);
  }

  void register(@Observes Router router) {
    router.route("/v1/*").handler(this::answer);
  }

  private void answer(RoutingContext context) {
    String sent = context.request().getHeader(REQUEST_ID);
    String requestId = sent != null ? sent : Ids.random("req_");
    boolean admitted =
        key.filter(expected ->
                expected.admits(
                    context.request().getHeader("x-api-key"),
                    context.request().getHeader("authorization")))
            .isPresent();
    ApiError error = error(admitted, context.request().getHeader("content-length"));
    LOG.infof(
        "%s %s %d request_id=%s",
        context.request().method(), context.request().path(), error.status(), requestId);
    context.response().setStatusCode(error.status());
    context.response().putHeader("request-id", requestId);
    context.response().putHeader("content-type", "application/json");
    Duration retryAfter = error.retryAfter();
    if (retryAfter != null) {
      context.response().putHeader("retry-after", Long.toString(retryAfter.toSeconds()));
    }
    if (admitted) {
      context.response().putHeader("anthropic-workspace-id", "wrkspc_default");
    }
    var _ = context.response().end(Buffer.buffer(Json.bytes(error.envelope(requestId))));
  }

  /// What a request is told.
  static ApiError error(boolean admitted, @Nullable String length) {
    if (!admitted) {
      return UNAUTHENTICATED;
    }
    return length != null && length.matches("\\d{1,18}") && Long.parseLong(length) > BODY_BYTES_MAX
        ? TOO_LARGE
        : NOT_YET;
  }
}
