package io.steward.vaultproxy.transport;

import io.steward.vaultproxy.transport.ServerFailure.Reason;
import io.vertx.core.http.HttpMethod;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Streamable HTTP: each message is a POST, answered with JSON or with a stream of events. Source:
/// the specification of MCP, 2025-11-25, "Transports".
final class StreamableWire implements Wire {
  static final String JSON = "application/json";
  static final String EVENTS = "text/event-stream";

  private static final Logger LOG = Logger.getLogger(StreamableWire.class);
  private static final String SESSION_ID = "Mcp-Session-Id";
  private static final String PROTOCOL_VERSION = "MCP-Protocol-Version";
  private static final Duration LISTENING_MAX = Duration.ofDays(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration CLOSING_MAX = Duration.ofSeconds(5);
  private static final int REASON_BYTES_MAX = 4_096;

  private final Endpoint endpoint;
  private final Inbox inbox;
  private final TransportLimits limits;
  private volatile @Nullable String session;
  private volatile @Nullable String version;
  private volatile @Nullable Exchange listening;
  private volatile boolean closed;

  StreamableWire(Endpoint endpoint, Inbox inbox, TransportLimits limits) {
    this.endpoint = endpoint;
    this.inbox = inbox;
    this.limits = limits;
  }

  @Override
  public void negotiated(String agreed) {
    version = agreed;
  }

  @Override
  public void send(byte[] message, @Nullable String requestId, Exchange exchange)
      throws ServerFailure {
    Map<String, String> headers = headers(JSON + ", " + EVENTS);
    headers.put("Content-Type", JSON);
    String known = session;
    try (ServerAnswer answer =
        endpoint.send(HttpMethod.POST, endpoint.url(), headers, message, exchange)) {
      if (!answer.successful()) {
        throw known != null && isLost(answer) ? lost() : ServerFailure.refused(answer.status());
      }
      keepSession(answer);
      if (requestId != null) {
        receive(answer, requestId, exchange);
      }
    }
  }

  private static ServerFailure lost() {
    return new ServerFailure(
        Reason.LOST_SESSION, "The MCP server does not know its session any more.");
  }

  /// The specification wants 404; many servers answer 400 and say what it is about.
  private static boolean isLost(ServerAnswer answer) throws ServerFailure {
    if (answer.status() != 400) {
      return answer.status() == 404;
    }
    StringBuilder text = new StringBuilder();
    byte[] part = answer.next();
    while (part != null && text.length() < REASON_BYTES_MAX) {
      text.append(new String(part, StandardCharsets.ISO_8859_1));
      part = answer.next();
    }
    return text.toString().toLowerCase(Locale.ROOT).contains("session");
  }

  private void keepSession(ServerAnswer answer) throws ServerFailure {
    String id = answer.header(SESSION_ID);
    if (id.isEmpty() || session != null) {
      return;
    }
    if (id.length() > TransportLimits.SESSION_ID_CHARS_MAX
        || !id.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw ServerFailure.unreadable("The id the MCP server gave to its session is none.");
    }
    session = id;
  }

  private Map<String, String> headers(String accept) {
    Map<String, String> headers = new HashMap<>();
    headers.put("Accept", accept);
    String id = session;
    if (id != null) {
      headers.put(SESSION_ID, id);
    }
    String agreed = version;
    if (agreed != null) {
      headers.put(PROTOCOL_VERSION, agreed);
    }
    return headers;
  }

  private void receive(ServerAnswer answer, String requestId, Exchange exchange)
      throws ServerFailure {
    if (answer.packed()) {
      throw ServerFailure.unreadable(
          "The MCP server compressed its answer, although nobody asked for it.");
    }
    boolean answered =
        switch (answer.mediaType()) {
          case JSON -> inbox.receive(whole(answer, exchange)).contains(requestId);
          case EVENTS -> receiveEvents(answer, requestId, exchange, limits.answerBytesMax());
          default ->
              throw ServerFailure.unreadable(
                  "The MCP server answered with something that is neither JSON nor a stream of"
                      + " events.");
        };
    if (!answered) {
      throw answer.mediaType().equals(JSON)
          ? ServerFailure.unreadable("The MCP server answered something else than it was asked.")
          : ServerFailure.broken(exchange);
    }
  }

  private byte[] whole(ServerAnswer answer, Exchange exchange) throws ServerFailure {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] part = answer.next();
    while (part != null) {
      requireRoom(all.size() + (long) part.length, limits.answerBytesMax(), exchange);
      all.writeBytes(part);
      part = answer.next();
    }
    return all.toByteArray();
  }

  private static void requireRoom(long bytes, int bytesMax, Exchange exchange)
      throws ServerFailure {
    if (bytes > bytesMax) {
      throw new ServerFailure(
          Reason.TOO_LARGE,
          "The answer of the MCP server is larger than the limit of " + bytesMax + " bytes.");
    }
    if (bytes > TransportLimits.ROOMY_BYTES) {
      exchange.takeRoom();
    }
  }

  /// Whether what is waited for came before the end of the stream.
  private boolean receiveEvents(
      ServerAnswer answer, @Nullable String requestId, Exchange exchange, int bytesMax)
      throws ServerFailure {
    SseEvents events =
        new SseEvents(requestId == null ? TransportLimits.EVENT_BYTES_MAX : bytesMax);
    long bytes = 0;
    byte[] part = answer.next();
    while (part != null) {
      bytes += part.length;
      if (requestId != null) {
        requireRoom(bytes, bytesMax, exchange);
      }
      for (SseEvents.Event event : events.feed(part)) {
        if (event.isMessage()) {
          Set<String> answered = inbox.receive(event.data());
          if (requestId != null && answered.contains(requestId)) {
            return true;
          }
        }
      }
      part = bytes > bytesMax ? null : answer.next();
    }
    return false;
  }

  @Override
  public void listen() {
    var _ = Thread.ofVirtual().name("mcp-listen").start(this::listenAgain);
  }

  private void listenAgain() {
    int failures = 0;
    while (!closed && failures < TransportLimits.LISTENING_FAILURES_MAX) {
      try (Exchange exchange = endpoint.ownExchange(LISTENING_MAX)) {
        listening = exchange;
        if (closed || !listened(exchange)) {
          return;
        }
        failures = 0;
      } catch (ServerFailure e) {
        failures++;
        LOG.debugf("notifications of an MCP server broke off: %s", e.reason());
      } catch (RuntimeException e) {
        failures++;
        LOG.warnf("notifications of an MCP server could not be read: %s", e.getClass());
      }
      LockSupport.parkNanos(PAUSE.multipliedBy(1 + failures).toNanos());
    }
  }

  /// Listens until the stream ends. False when the server has none.
  private boolean listened(Exchange exchange) throws ServerFailure {
    try (ServerAnswer answer =
        endpoint.send(HttpMethod.GET, endpoint.url(), headers(EVENTS), null, exchange)) {
      if (!answer.successful() || !answer.mediaType().equals(EVENTS) || answer.packed()) {
        return false;
      }
      boolean _ = receiveEvents(answer, null, exchange, limits.answerBytesMax());
      return true;
    }
  }

  @Override
  public void close() {
    closed = true;
    Exchange open = listening;
    if (open != null) {
      open.stop();
    }
    if (session == null) {
      return;
    }
    try (Exchange exchange = endpoint.ownExchange(CLOSING_MAX);
        ServerAnswer answer =
            endpoint.send(HttpMethod.DELETE, endpoint.url(), headers(JSON), null, exchange)) {
      LOG.debugf("session with an MCP server ended, status %d", answer.status());
    } catch (ServerFailure | RuntimeException e) {
      LOG.debugf("session with an MCP server not ended: %s", e.getClass());
    }
  }
}
