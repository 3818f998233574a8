package io.steward.vaultproxy.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.egress.McpTool;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.vault.CredentialUse.Purpose;
import io.steward.vaultproxy.audit.Audit;
import io.steward.vaultproxy.audit.CredentialUser;
import io.steward.vaultproxy.call.CallAnswer;
import io.steward.vaultproxy.mcp.Connections.Lease;
import io.steward.vaultproxy.transport.Exchange;
import io.steward.vaultproxy.transport.PinnedHttp;
import io.steward.vaultproxy.transport.ServerFailure;
import io.steward.vaultproxy.transport.ServerFailure.Reason;
import io.steward.vaultproxy.transport.ServerTokens;
import io.steward.vaultproxy.transport.ServerTransport;
import io.steward.vaultproxy.transport.TransportLimits;
import io.steward.vaultproxy.vault.AccessTokens;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The servers of all sessions. Waits, so it is for virtual threads.
public final class McpServers implements AutoCloseable {
  private static final Duration SWEEP_PAUSE = Duration.ofSeconds(15);

  private final McpLimits limits;
  private final PinnedHttp http;
  private final AccessTokens tokens;
  private final Audit audit;
  private final Connections connections;
  private final Semaphore largeAnswers = new Semaphore(TransportLimits.LARGE_ANSWERS_MAX);
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("mcp-sweep").factory());
  private volatile Consumer<Server> onChange = _ -> {};

  /// @param http is closed with this
  public McpServers(McpLimits limits, PinnedHttp http, AccessTokens tokens, Audit audit) {
    this.limits = limits;
    this.http = http;
    this.tokens = tokens;
    this.audit = audit;
    this.connections = new Connections(this::open, limits);
    var _ =
        thread.scheduleWithFixedDelay(
            connections::sweep,
            SWEEP_PAUSE.toMillis(),
            SWEEP_PAUSE.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /// Connections that are open.
  public int connections() {
    return connections.open();
  }

  /// @param listener is called when the tools of a server have changed, and may wait
  void onChange(Consumer<Server> listener) {
    onChange = listener;
  }

  private ServerConnection open(Server server, Exchange exchange) throws ServerFailure {
    CredentialUser user = audit.user(Purpose.MCP, server.workspaceId(), server.session());
    ServerTransport transport =
        new ServerTransport(
            http,
            limits.transport(),
            new ServerTokens(tokens, server.vaultIds(), server.url(), user));
    return ServerConnection.open(
        server, transport, limits, () -> onChange.accept(server), exchange);
  }

  /// What is done with a connection.
  @FunctionalInterface
  private interface Request<T> {
    T on(ServerConnection connection) throws ServerFailure, ServerError;
  }

  /// The tools of a server that can be offered.
  List<McpTool> tools(Server server) throws ServerFailure, ServerError {
    try (Exchange exchange = new Exchange(limits.transport().exchangeTimeMax(), largeAnswers)) {
      return with(server, exchange, connection -> connection.tools(exchange));
    }
  }

  /// An exchange for one call.
  Exchange callExchange() {
    return new Exchange(limits.callTimeMax(), largeAnswers);
  }

  /// Calls a tool.
  ///
  /// @return what the server said, whether it went well or not
  CallAnswer call(Server server, String tool, JsonNode input, Exchange exchange)
      throws ServerFailure, ServerError {
    return with(
        server,
        exchange,
        connection -> {
          JsonNode result = connection.call(tool, input, exchange);
          boolean isError = result.path("isError").asBoolean(false);
          return ResultContent.answer(result, isError, connection.hidden()::isIn);
        });
  }

  /// Once more on a new connection when the server forgot its session: then it has not acted on the
  /// request.
  private <T> T with(Server server, Exchange exchange, Request<T> request)
      throws ServerFailure, ServerError {
    try {
      return once(server, exchange, request);
    } catch (ServerFailure e) {
      if (e.reason() != Reason.LOST_SESSION) {
        throw e;
      }
      return once(server, exchange, request);
    }
  }

  private <T> T once(Server server, Exchange exchange, Request<T> request)
      throws ServerFailure, ServerError {
    try (Lease lease = connections.lease(server, exchange)) {
      try {
        return request.on(lease.connection());
      } catch (ServerFailure e) {
        if (e.reason().isOfServer()) {
          lease.discard();
        }
        throw e;
      }
    }
  }

  void forget(SessionId session) {
    connections.forget(session);
  }

  @Override
  public void close() {
    thread.shutdownNow();
    connections.close();
    http.close();
  }
}
