package io.steward.devbox.proxy;

import io.steward.devbox.program.Service;
import io.steward.schemas.http.ApiError;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import java.util.Set;

/// Passes one request to a service and its response back. Headers of a response without a length (a
/// stream) go out at once, before the first byte of its body. A client that goes away ends the
/// request upstream too; a service that goes away in the middle of a response ends the client's
/// connection, so that a cut response never looks complete.
///
/// A request is sent a second time only when it surely was not carried out, or may be carried out
/// twice: an idempotent method without a body, on a connection that broke before the response.
final class Forwarding {
  private static final Set<HttpMethod> IDEMPOTENT =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.DELETE);
  private static final int CONNECT_MS_MAX = 10_000;

  private final HttpClient client;
  private final Answers answers;
  private final HttpServerRequest request;
  private final Service service;
  private final long bodyBytesMax;
  private final int port;
  private final String requestId;

  Forwarding(
      HttpClient client,
      Answers answers,
      HttpServerRequest request,
      Route.To to,
      Upstreams.Port port,
      String requestId) {
    this.client = client;
    this.answers = answers;
    this.request = request;
    this.service = to.service();
    this.bodyBytesMax = to.bodyBytesMax();
    this.port = port.number();
    this.requestId = requestId;
  }

  void start() {
    request.pause();
    send(IDEMPOTENT.contains(request.method()) && !hasBody());
  }

  private boolean hasBody() {
    String length = request.getHeader("content-length");
    return request.getHeader("transfer-encoding") != null
        || (length != null && !length.equals("0"));
  }

  private void send(boolean again) {
    RequestOptions options =
        new RequestOptions()
            .setHost("127.0.0.1")
            .setPort(port)
            .setURI(request.uri())
            .setMethod(request.method())
            .setConnectTimeout(CONNECT_MS_MAX);
    client
        .request(options)
        .onSuccess(upstream -> exchange(upstream, again))
        .onFailure(_ -> refuse(service.wireName() + " is not ready; try again in a moment."));
  }

  private void exchange(HttpClientRequest upstream, boolean again) {
    if (request.response().closed()) {
      upstream.reset();
      return;
    }
    HopByHop.copy(request.headers(), upstream.headers());
    upstream.putHeader("x-steward-request-id", requestId);
    request.response().closeHandler(_ -> upstream.reset());
    upstream
        .response()
        .onSuccess(this::respond)
        .onFailure(_ -> {
          if (again) {
            send(false);
          } else {
            refuse(
                service.wireName()
                    + " went away before it answered; the request may have been carried out.");
          }
        });
    if (hasBody()) {
      sendBody(upstream);
    } else {
      request.resume();
      var _ = upstream.end();
    }
  }

  private void sendBody(HttpClientRequest upstream) {
    if (request.getHeader("content-length") == null) {
      upstream.setChunked(true);
    }
    if ("100-continue".equalsIgnoreCase(request.getHeader("expect"))) {
      request.response().writeContinue();
    }
    new BodyPump(request, upstream, bodyBytesMax)
        .start()
        .onFailure(failure -> {
          if (failure instanceof BodyPump.TooLarge) {
            var _ = answers.refuse(request, Proxy.tooLarge(bodyBytesMax), requestId);
            upstream.reset();
          }
        });
  }

  private void respond(HttpClientResponse from) {
    HttpServerResponse to = request.response();
    if (to.headWritten() || to.closed()) {
      return; // It was refused meanwhile, or nobody listens.
    }
    to.setStatusCode(from.statusCode());
    to.setStatusMessage(from.statusMessage());
    HopByHop.copy(from.headers(), to.headers());
    boolean bodiless =
        request.method() == HttpMethod.HEAD || from.statusCode() == 204 || from.statusCode() == 304;
    if (!bodiless && from.getHeader("content-length") == null) {
      to.setChunked(true);
      to.write(Buffer.buffer()).onFailure(_ -> cut());
    }
    from.pipe().endOnFailure(false).to(to).onFailure(_ -> cut());
  }

  private void cut() {
    var _ = request.connection().close();
  }

  private void refuse(String message) {
    var _ = answers.refuse(request, ApiError.unavailable(message), requestId);
  }
}
