package io.steward.vaultproxy.transport;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The answer to one request, whose body is read as it is wanted: what nobody took stays on the
/// way. One thread reads it.
final class ServerAnswer implements AutoCloseable {
  /// Parts of a body that are on their way to the reader.
  private static final int PARTS_AHEAD = 4;

  private final HttpClientRequest request;
  private final HttpClientResponse response;
  private final Exchange exchange;
  private final Context context;
  private final BlockingQueue<Part> parts = new LinkedBlockingQueue<>();
  private boolean ended;

  private sealed interface Part {
    record Bytes(Buffer buffer) implements Part {}

    record End() implements Part {}

    record Broken() implements Part {}
  }

  /// Made by the event loop of the connection, before any of the body came.
  ServerAnswer(HttpClientRequest request, HttpClientResponse response, Exchange exchange) {
    this.request = request;
    this.response = response;
    this.exchange = exchange;
    this.context = Objects.requireNonNull(Vertx.currentContext());
    response.exceptionHandler(_ -> parts.add(new Part.Broken()));
    response.endHandler(_ -> parts.add(new Part.End()));
    response.pause();
    response.handler(buffer -> parts.add(new Part.Bytes(buffer)));
    response.fetch(PARTS_AHEAD);
    exchange.endsWith(() -> {
      request.reset();
      parts.add(new Part.Broken());
    });
  }

  int status() {
    return response.statusCode();
  }

  boolean successful() {
    return status() / 100 == 2;
  }

  /// Stripped; empty when there is none.
  String header(String name) {
    String value = response.getHeader(name);
    return value == null ? "" : value.strip();
  }

  /// The type of the body without its parameters, in lower case.
  String mediaType() {
    String type = header("Content-Type");
    int end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  /// Nobody asked for packed bytes, and a little can become a lot.
  boolean packed() {
    String encoding = header("Content-Encoding");
    return !encoding.isEmpty() && !encoding.equalsIgnoreCase("identity");
  }

  /// The next bytes of the body; null after the last.
  byte @Nullable [] next() throws ServerFailure {
    if (ended) {
      return null;
    }
    Part part;
    try {
      part = parts.poll(exchange.left().toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ServerFailure.broken(exchange);
    }
    return switch (part) {
      case null -> throw ServerFailure.late(exchange);
      case Part.Broken() -> throw ServerFailure.broken(exchange);
      case Part.End() -> {
        ended = true;
        yield null;
      }
      case Part.Bytes(Buffer buffer) -> {
        context.runOnContext(_ -> response.fetch(1));
        yield buffer.getBytes();
      }
    };
  }

  /// Ends the connection, whatever is still to come.
  @Override
  public void close() {
    if (!ended) {
      request.reset();
    }
  }
}
