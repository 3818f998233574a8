package io.steward.vaultproxy.mcp;

import io.steward.schemas.egress.EgressCommand.CallMcpTool;
import io.steward.schemas.egress.EgressCommand.ListMcpTools;
import io.steward.schemas.egress.McpTool;
import io.steward.schemas.egress.McpToolList;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.ToolResult.Outcome;
import io.steward.vaultproxy.call.Call;
import io.steward.vaultproxy.call.CallAnswer;
import io.steward.vaultproxy.call.Calls;
import io.steward.vaultproxy.call.RunningCall;
import io.steward.vaultproxy.transport.Exchange;
import io.steward.vaultproxy.transport.ServerFailure;
import io.steward.vaultproxy.transport.ServerFailure.Reason;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// What is asked about MCP servers. Its methods never block; answers come from virtual threads.
public final class McpCommands implements AutoCloseable {
  /// See contract/events.md §6.4.
  public static final String CONNECTION_FAILED = "mcp_connection_failed_error";

  /// As above.
  public static final String AUTHENTICATION_FAILED = "mcp_authentication_failed_error";

  private static final Logger LOG = Logger.getLogger(McpCommands.class);
  private static final Duration PAUSE = Duration.ofMillis(250);
  private static final String BROKEN =
      "The MCP server cannot be used, for a reason inside of this installation.";

  private final McpServers servers;
  private final Calls calls;
  private final ToolLists lists;
  private final Semaphore listing = new Semaphore(McpLimits.LISTS_MAX, true);
  private volatile boolean stopping;

  public McpCommands(McpServers servers, Calls calls, ToolLists lists) {
    this.servers = servers;
    this.calls = calls;
    this.lists = lists;
    servers.onChange(this::listChanged);
  }

  /// Asks a server for its tools.
  ///
  /// @param acknowledge is called once the answer is safe
  public void list(ListMcpTools command, String workspaceId, Runnable acknowledge) {
    Server server = Server.of(command, workspaceId);
    var _ =
        Thread.ofVirtual()
            .name("mcp-list")
            .start(() -> {
              if (deliver(server, listed(server, command.attempt()))) {
                acknowledge.run();
              }
            });
  }

  /// What changed is said of a server's own accord; that nothing can be said is not.
  private void listChanged(Server server) {
    McpToolList list = listed(server, null);
    if (list.tools() != null) {
      boolean _ = deliver(server, list);
    }
  }

  private McpToolList listed(Server server, @Nullable String attempt) {
    listing.acquireUninterruptibly();
    try {
      List<McpTool> tools = servers.tools(server);
      return new McpToolList(
          server.session(), server.name(), server.url(), attempt, tools, null, null);
    } catch (ServerFailure e) {
      return unusable(server, attempt, type(e), e.sentence());
    } catch (ServerError e) {
      return unusable(
          server,
          attempt,
          CONNECTION_FAILED,
          "The MCP server answered with an error when it was asked for its tools.");
    } catch (RuntimeException e) {
      LOG.errorf(e, "tools could not be listed session_id=%s", server.session());
      return unusable(server, attempt, CONNECTION_FAILED, BROKEN);
    } finally {
      listing.release();
    }
  }

  private static String type(ServerFailure failure) {
    return failure.reason() == Reason.AUTHENTICATION ? AUTHENTICATION_FAILED : CONNECTION_FAILED;
  }

  private static McpToolList unusable(
      Server server, @Nullable String attempt, String errorType, String sentence) {
    LOG.infof("an MCP server cannot be used session_id=%s: %s", server.session(), sentence);
    return new McpToolList(
        server.session(), server.name(), server.url(), attempt, null, errorType, sentence);
  }

  private boolean deliver(Server server, McpToolList list) {
    while (!stopping) {
      if (lists.send(server.workspaceId(), list)) {
        return true;
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    return false;
  }

  /// Calls a tool, at most once.
  ///
  /// @param acknowledge is called once the answer is safe
  public void call(CallMcpTool command, String workspaceId, Runnable acknowledge) {
    Server server = Server.of(command, workspaceId);
    calls.run(
        new Call(command.toolUseId(), command.sessionId(), workspaceId),
        running -> called(server, command, running),
        acknowledge);
  }

  private CallAnswer called(Server server, CallMcpTool command, RunningCall running) {
    if (!command.input().isObject()) {
      return CallAnswer.error(
          Outcome.FAILED, "The input of a tool must be a JSON object. The tool did not run.");
    }
    Exchange exchange = servers.callExchange();
    running.atEnd(exchange::close);
    running.onCancel(exchange::stop);
    try {
      return servers.call(server, command.toolName(), command.input(), exchange);
    } catch (ServerError e) {
      return CallAnswer.error(
          Outcome.FAILED, "The MCP server answered with an error: " + e.message());
    } catch (ServerFailure e) {
      if (e.reason().isOfServer()) {
        boolean _ = deliver(server, unusable(server, null, type(e), e.sentence()));
      }
      return failed(e);
    }
  }

  private static CallAnswer failed(ServerFailure failure) {
    String sentence = failure.sentence();
    return switch (failure.reason()) {
      case NOT_SENT, REFUSED, AUTHENTICATION, LOST_SESSION ->
          CallAnswer.error(Outcome.FAILED, sentence + " The tool did not run.");
      case UNREADABLE, TOO_LARGE ->
          CallAnswer.error(
              Outcome.FAILED, sentence + " The tool may have run; its result is lost.");
      case LATE ->
          CallAnswer.error(
              Outcome.TIMED_OUT,
              sentence + " The tool may have run completely, partly or not at all.");
      case STOPPED ->
          CallAnswer.error(
              Outcome.CANCELED,
              "The call was canceled while it ran. It may have run completely, partly or not at"
                  + " all.");
      case BROKEN ->
          CallAnswer.error(
              Outcome.UNKNOWN,
              sentence
                  + " The outcome of this call is unknown: it may have run completely, partly or not"
                  + " at all. Check before you run it again.");
    };
  }

  /// Ends what is open to the servers of a session.
  public void forget(SessionId session) {
    servers.forget(session);
  }

  /// Nothing more is sent.
  @Override
  public void close() {
    stopping = true;
  }
}
