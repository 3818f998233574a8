package io.steward.vaultproxy.transport;

import io.steward.vaultproxy.egress.WebUrl;
import io.steward.vaultproxy.transport.ServerFailure.Reason;
import io.vertx.core.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// HTTP with server-sent events, the older way: one stream carries all that comes from the server,
/// and its first event says where messages are posted to. Source: the specification of MCP,
/// 2024-11-05, "Transports".
final class EventStreamWire implements Wire {
  private static final Duration STREAM_MAX = Duration.ofDays(1);
  private static final String ENDPOINT = "endpoint";

  private final Endpoint endpoint;
  private final Inbox inbox;
  private final Exchange stream;
  private final CompletableFuture<WebUrl> target = new CompletableFuture<>();
  private final Map<String, CompletableFuture<Boolean>> waiting = new ConcurrentHashMap<>();
  private volatile boolean ended;

  EventStreamWire(Endpoint endpoint, Inbox inbox) {
    this.endpoint = endpoint;
    this.inbox = inbox;
    this.stream = endpoint.ownExchange(STREAM_MAX);
  }

  /// Opens the stream and waits for its first event.
  void open(Exchange exchange) throws ServerFailure {
    var _ = Thread.ofVirtual().name("mcp-events").start(this::read);
    exchange.endsWith(stream::stop);
    var _ = await(target, exchange);
  }

  private static <T> T await(CompletableFuture<T> coming, Exchange exchange) throws ServerFailure {
    try {
      return coming.get(exchange.left().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof ServerFailure failure
          ? failure
          : ServerFailure.broken(exchange);
    } catch (TimeoutException e) {
      throw ServerFailure.late(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ServerFailure.broken(exchange);
    }
  }

  private void read() {
    ServerFailure end = ServerFailure.broken(stream);
    try (stream;
        ServerAnswer answer =
            endpoint.send(
                HttpMethod.GET,
                endpoint.url(),
                Map.of("Accept", StreamableWire.EVENTS),
                null,
                stream)) {
      if (!answer.successful()) {
        throw ServerFailure.refused(answer.status());
      }
      if (!answer.mediaType().equals(StreamableWire.EVENTS) || answer.packed()) {
        throw ServerFailure.unreadable("The MCP server has no stream of events.");
      }
      SseEvents events = new SseEvents(TransportLimits.EVENT_BYTES_MAX);
      byte[] part = answer.next();
      while (part != null) {
        for (SseEvents.Event event : events.feed(part)) {
          receive(event);
        }
        part = answer.next();
      }
    } catch (ServerFailure e) {
      end = e;
    } finally {
      ended = true;
      ServerFailure why = end;
      target.completeExceptionally(why);
      waiting.values().forEach(answer -> answer.completeExceptionally(afterSending(why)));
    }
  }

  /// What the end of the stream means to a message that was sent.
  private static ServerFailure afterSending(ServerFailure end) {
    boolean known = end.reason() == Reason.TOO_LARGE || end.reason() == Reason.UNREADABLE;
    return known
        ? end
        : new ServerFailure(
            Reason.BROKEN, "The connection to the MCP server broke before it answered.");
  }

  private void receive(SseEvents.Event event) throws ServerFailure {
    if (event.name().equals(ENDPOINT) && !target.isDone()) {
      String location = new String(event.data(), StandardCharsets.UTF_8).strip();
      target.complete(endpoint.onSameOrigin(endpoint.url(), location));
    } else if (event.isMessage()) {
      for (String requestId : inbox.receive(event.data())) {
        CompletableFuture<Boolean> request = waiting.get(requestId);
        if (request != null) {
          request.complete(true);
        }
      }
    }
  }

  @Override
  public void negotiated(String agreed) {
    // This way knows no header for it.
  }

  @Override
  public void listen() {
    // The stream is open.
  }

  @Override
  public void send(byte[] message, @Nullable String requestId, Exchange exchange)
      throws ServerFailure {
    WebUrl to = await(target, exchange);
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    if (requestId != null) {
      waiting.put(requestId, answer);
    }
    try {
      if (ended) {
        throw new ServerFailure(Reason.NOT_SENT, "The connection to the MCP server is gone.");
      }
      post(message, to, exchange);
      if (requestId != null) {
        exchange.endsWith(() -> answer.completeExceptionally(ServerFailure.broken(exchange)));
        boolean _ = await(answer, exchange);
      }
    } finally {
      if (requestId != null) {
        waiting.remove(requestId);
      }
    }
  }

  private void post(byte[] message, WebUrl to, Exchange exchange) throws ServerFailure {
    try (ServerAnswer answer =
        endpoint.send(
            HttpMethod.POST,
            to,
            Map.of("Content-Type", StreamableWire.JSON, "Accept", StreamableWire.JSON),
            message,
            exchange)) {
      if (!answer.successful()) {
        throw ServerFailure.refused(answer.status());
      }
    }
  }

  @Override
  public void close() {
    stream.stop();
  }
}
