package io.steward.vaultproxy.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpClientSession;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema;
import io.steward.schemas.egress.McpTool;
import io.steward.vaultproxy.transport.Exchange;
import io.steward.vaultproxy.transport.Hidden;
import io.steward.vaultproxy.transport.ServerFailure;
import io.steward.vaultproxy.transport.ServerTransport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/// A server that was greeted: the SDK's session on our transport, for callers that wait.
final class ServerConnection {
  private static final Logger LOG = Logger.getLogger(ServerConnection.class);
  private static final TypeRef<JsonNode> TREE = new TypeRef<>() {};
  private static final Duration SLACK = Duration.ofSeconds(5);
  private static final int CURSOR_CHARS_MAX = 4_096;

  private final Server server;
  private final ServerTransport transport;
  private final McpClientSession session;
  private final AtomicBoolean changed = new AtomicBoolean();
  private volatile boolean hasTools;
  private volatile boolean closed;

  /// @param onChange is called, by a thread that may wait, some time after the server said that its
  ///   tools changed
  private ServerConnection(
      Server server, ServerTransport transport, McpLimits limits, Runnable onChange) {
    this.server = server;
    this.transport = transport;
    this.session =
        new McpClientSession(
            limits.callTimeMax().plus(SLACK),
            transport,
            Map.of(McpSchema.METHOD_PING, _ -> Mono.just(Map.of())),
            Map.of(
                McpSchema.METHOD_NOTIFICATION_TOOLS_LIST_CHANGED,
                _ -> Mono.fromRunnable(() -> noticeChange(onChange))),
            connecting -> connecting);
  }

  /// Connects and greets. The caller closes it.
  static ServerConnection open(
      Server server,
      ServerTransport transport,
      McpLimits limits,
      Runnable onChange,
      Exchange exchange)
      throws ServerFailure {
    ServerConnection connection = new ServerConnection(server, transport, limits, onChange);
    try {
      connection.greet(exchange);
      return connection;
    } catch (ServerError e) {
      connection.close();
      throw ServerFailure.unreadable("The MCP server does not let this client in.");
    } catch (ServerFailure | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private void greet(Exchange exchange) throws ServerFailure, ServerError {
    McpSchema.InitializeRequest hello =
        McpSchema.InitializeRequest.builder(
                ServerTransport.VERSIONS.getLast(),
                McpSchema.ClientCapabilities.builder().build(),
                McpSchema.Implementation.builder("steward", "1").build())
            .build();
    JsonNode welcome = request(McpSchema.METHOD_INITIALIZE, hello, exchange);
    String version = welcome.path("protocolVersion").asText("");
    if (!ServerTransport.VERSIONS.contains(version)) {
      throw ServerFailure.unreadable("The MCP server speaks another version of the protocol.");
    }
    transport.negotiated(version);
    JsonNode tools = welcome.path("capabilities").path("tools");
    hasTools = tools.isObject();
    tell(McpSchema.METHOD_NOTIFICATION_INITIALIZED, Map.of(), exchange);
    if (tools.path("listChanged").asBoolean()) {
      transport.listen();
    }
  }

  private void tell(String method, Object params, Exchange exchange) throws ServerFailure {
    try {
      var _ = await(session.sendNotification(method, params), exchange);
    } catch (ServerError e) {
      throw new IllegalStateException(e); // Nobody answers a notification.
    }
  }

  private JsonNode request(String method, Object params, Exchange exchange)
      throws ServerFailure, ServerError {
    JsonNode result = await(session.sendRequest(method, params, TREE), exchange);
    if (result == null || !result.isObject()) {
      throw ServerFailure.unreadable("The MCP server answered with something that is no result.");
    }
    return result;
  }

  private static <T> @Nullable T await(Mono<T> answer, Exchange exchange)
      throws ServerFailure, ServerError {
    try {
      return answer
          .contextWrite(context -> context.put(ServerTransport.EXCHANGE, exchange))
          .toFuture()
          .get(exchange.left().plus(SLACK).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case ServerFailure failure -> throw failure;
        case McpError error -> throw new ServerError(String.valueOf(error.getMessage()));
        case null, default -> throw new IllegalStateException("a message to a server failed", e);
      }
    } catch (TimeoutException e) {
      exchange.stop();
      throw ServerFailure.unreadable("The MCP server did not answer in time.");
    } catch (InterruptedException e) {
      exchange.stop();
      Thread.currentThread().interrupt();
      throw ServerFailure.unreadable("Waiting for the MCP server was interrupted.");
    }
  }

  Server server() {
    return server;
  }

  Hidden hidden() {
    return transport.hidden();
  }

  /// The tools that can be offered, in the server's order.
  List<McpTool> tools(Exchange exchange) throws ServerFailure, ServerError {
    ToolRules rules = new ToolRules();
    String cursor = "";
    for (int pages = 0; hasTools && pages < McpLimits.PAGES_MAX && !rules.isFull(); pages++) {
      ObjectNode params = JsonNodeFactory.instance.objectNode();
      if (!cursor.isEmpty()) {
        params.put("cursor", cursor);
      }
      JsonNode page = request(McpSchema.METHOD_TOOLS_LIST, params, exchange);
      if (!page.path("tools").isArray()) {
        throw ServerFailure.unreadable("The MCP server answered with no list of tools.");
      }
      page.path("tools").forEach(rules::add);
      cursor = page.path("nextCursor").asText("");
      if (cursor.isEmpty() || cursor.length() > CURSOR_CHARS_MAX) {
        break;
      }
    }
    if (rules.leftOut() > 0) {
      LOG.warnf(
          "%d tools of an MCP server cannot be offered, the first because %s session_id=%s",
          rules.leftOut(), rules.firstReason(), server.session());
    }
    return rules.tools();
  }

  /// The result of a tool, as the server sends it.
  JsonNode call(String tool, JsonNode input, Exchange exchange) throws ServerFailure, ServerError {
    ObjectNode params = JsonNodeFactory.instance.objectNode();
    params.put("name", tool);
    params.set("arguments", input);
    try {
      return request(McpSchema.METHOD_TOOLS_CALL, params, exchange);
    } catch (ServerFailure e) {
      if (e.reason() == ServerFailure.Reason.STOPPED || e.reason() == ServerFailure.Reason.LATE) {
        exchange.requestId().ifPresent(this::tellCanceled);
      }
      throw e;
    }
  }

  /// Tells the server, as far as that is possible, that nobody waits for an answer.
  private void tellCanceled(String requestId) {
    var _ =
        Thread.ofVirtual()
            .name("mcp-canceled")
            .start(() -> {
              try (Exchange exchange = new Exchange(SLACK, new Semaphore(0))) {
                tell("notifications/cancelled", Map.of("requestId", requestId), exchange);
              } catch (ServerFailure | RuntimeException e) {
                LOG.debugf("an MCP server was not told of a cancel: %s", e.getClass());
              }
            });
  }

  /// Many notices make one look.
  private void noticeChange(Runnable onChange) {
    if (!closed && changed.compareAndSet(false, true)) {
      var _ =
          Thread.ofVirtual()
              .name("mcp-change")
              .start(() -> {
                LockSupport.parkNanos(McpLimits.CHANGE_PAUSE.toNanos());
                changed.set(false);
                if (!closed) {
                  onChange.run();
                }
              });
    }
  }

  /// Ends it, without waiting for the server.
  void close() {
    closed = true;
    session.close();
    var _ =
        Thread.ofVirtual().name("mcp-close").start(() -> transport.closeGracefully().subscribe());
  }
}
