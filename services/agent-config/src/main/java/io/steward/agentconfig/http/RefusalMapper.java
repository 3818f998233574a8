package io.steward.agentconfig.http;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.steward.agentconfig.metric.Metrics;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import java.nio.charset.StandardCharsets;
import org.jboss.logging.Logger;

/// Turns whatever a resource throws into the error envelope. A cause that is not a refusal is
/// logged and answered as an internal error without its message.
@Provider
class RefusalMapper implements ExceptionMapper<Throwable> {
  private static final Logger LOG = Logger.getLogger(RefusalMapper.class);

  private static final int UNAVAILABLE = 503;

  private final CurrentVertxRequest current;
  private final Metrics metrics;

  RefusalMapper(CurrentVertxRequest current, Metrics metrics) {
    this.current = current;
    this.metrics = metrics;
  }

  @Override
  public Response toResponse(Throwable failure) {
    String requestId = RequestIds.of(current.getCurrent());
    ApiError error = error(failure);
    if (error.status() == UNAVAILABLE) {
      metrics.requestRefused();
    }
    Response.ResponseBuilder response =
        Response.status(error.status())
            .type(MediaType.APPLICATION_JSON_TYPE)
            .entity(error.envelope(requestId).toString().getBytes(StandardCharsets.UTF_8));
    Refusals.headers(error).forEach(response::header);
    return response.build();
  }

  private static ApiError error(Throwable failure) {
    return switch (failure) {
      case ApiException refusal -> refusal.error();
      case WebApplicationException http when http.getResponse().getStatus() < 500 ->
          Refusals.ofStatus(http.getResponse().getStatus());
      default -> {
        LOG.error("a request failed", failure);
        yield ApiError.internal();
      }
    };
  }
}
