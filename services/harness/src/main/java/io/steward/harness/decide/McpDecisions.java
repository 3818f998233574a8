package io.steward.harness.decide;

import io.steward.schemas.agent.McpServer;
import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.egress.McpToolList;
import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.mcp.McpServers;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session.Live;
import io.steward.schemas.session.Session.Running;
import io.steward.schemas.session.SessionFacts;
import io.steward.schemas.session.Step;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// What is written about the MCP servers of a session. It goes on without a server that cannot be
/// used and says so; the next turn tries again.
public final class McpDecisions {
  private static final String ATTEMPT = "list_";

  private final IdSource ids;
  private final StepDecisions steps;

  public McpDecisions(IdSource ids, StepDecisions steps) {
    this.ids = ids;
    this.steps = steps;
  }

  /// Asks servers for their tools; the log does not change.
  public Decision ask(Live live, List<McpServer> servers, Instant now) {
    Draft draft = new Draft(live, ids, now);
    for (McpServer server : servers) {
      draft.command(
          new EgressCommand.ListMcpTools(
              draft.facts().id(),
              server.name(),
              server.url(),
              ids.next(ATTEMPT),
              draft.facts().vaultIds()));
    }
    return draft.done();
  }

  /// Whether `list` tells the session anything. What nobody asked for counts only for a server that
  /// could be used so far, and a failure only while a turn runs: the next one asks again anyway.
  public static boolean tells(Live live, McpToolList list) {
    if (live instanceof Running && isPending(live.facts(), list)) {
      return true;
    }
    Optional<McpServers.Settled> known = known(live.facts(), list);
    if (known.isEmpty() || !known.get().usable() || list.attempt() != null) {
      return false;
    }
    return list.tools() == null
        ? live instanceof Running
        : !list.tools().equals(known.get().tools());
  }

  private static boolean isPending(SessionFacts facts, McpToolList list) {
    return facts.pendingMcpServers().contains(new McpServer(list.serverName(), list.url()));
  }

  private static Optional<McpServers.Settled> known(SessionFacts facts, McpToolList list) {
    McpServer server = new McpServer(list.serverName(), list.url());
    return facts.agent().mcpServers().contains(server)
        ? facts.mcpServers().find(server)
        : Optional.empty();
  }

  /// What vault-proxy answered.
  public Decision settled(Live live, List<McpToolList> lists, Instant now) {
    Draft draft = new Draft(live, ids, now);
    for (McpToolList list : lists) {
      if (draft.session() instanceof Live so && tells(so, list)) {
        draft.record(
            new SessionRecord.McpServerSettled(list.serverName(), list.url(), list.tools()));
        if (list.tools() == null) {
          failed(
              draft,
              list.serverName(),
              Objects.requireNonNullElse(list.errorType(), ErrorDetail.MCP_CONNECTION_FAILED),
              Objects.requireNonNullElse(list.message(), "The MCP server cannot be used."));
        }
      }
    }
    return steps.advance(draft).done();
  }

  /// Nobody answered in time.
  public Decision givenUp(Live live, Step.AwaitMcpServers step, Instant now) {
    Draft draft = new Draft(live, ids, now);
    for (McpServer server : step.pending()) {
      draft.record(new SessionRecord.McpServerSettled(server.name(), server.url(), null));
      failed(
          draft,
          server.name(),
          ErrorDetail.MCP_CONNECTION_FAILED,
          "The MCP server " + server.name() + " did not tell its tools in time.");
    }
    return steps.advance(draft).done();
  }

  private static void failed(Draft draft, String server, String errorType, String message) {
    draft.error(ErrorDetail.ofMcpServer(errorType, message, server));
  }
}
