package io.steward.harness.partition;

import io.steward.harness.decide.DecidedRecord;
import io.steward.harness.decide.Decision;
import io.steward.schemas.agent.McpServer;
import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.egress.McpToolList;
import io.steward.schemas.egress.RepositoryResult;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.resource.SessionResource.RepositoryResource;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.session.ToolCall;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// What this owner has commanded for a session and not seen answered. Belongs to the loop's thread.
final class Commanded {
  private final Set<String> calls = new HashSet<>();
  private final Map<String, EgressCommand.CloneRepository> clones = new HashMap<>();
  private final Map<String, EgressCommand.ListMcpTools> lists = new HashMap<>();

  /// A decision was committed.
  void committed(Decision decision) {
    for (SandboxCommand command : decision.commands()) {
      if (command instanceof SandboxCommand.RunTool run) {
        calls.add(run.toolUseId());
      }
    }
    for (EgressCommand command : decision.egress()) {
      switch (command) {
        case EgressCommand.CloneRepository clone -> clones.put(clone.resourceId(), clone);
        case EgressCommand.ListMcpTools list -> lists.put(list.serverName(), list);
        case EgressCommand.CallMcpTool call -> calls.add(call.toolUseId());
        case EgressCommand.FetchPage fetch -> calls.add(fetch.toolUseId());
        case EgressCommand.SearchWeb search -> calls.add(search.toolUseId());
        case EgressCommand.CancelCalls _, EgressCommand.ForgetSession _ -> {}
      }
    }
    for (DecidedRecord record : decision.records()) {
      switch (record.body()) {
        case SessionRecord.RepositorySettled settled -> clones.remove(settled.resourceId());
        case SessionRecord.McpServerSettled settled -> lists.remove(settled.serverName());
        default -> {}
      }
    }
  }

  /// Forgets everything, so that what is still awaited is commanded again.
  void clear() {
    calls.clear();
    clones.clear();
    lists.clear();
  }

  boolean has(ToolCall call) {
    return calls.contains(call.id());
  }

  /// Whether a clone of it with its newest token is on the way.
  boolean has(RepositoryResource repository) {
    EgressCommand.CloneRepository clone = clones.get(repository.id());
    return clone != null && Objects.equals(clone.secretId(), repository.secretId());
  }

  /// Whether a server is being asked for its tools.
  boolean has(McpServer server) {
    EgressCommand.ListMcpTools list = lists.get(server.name());
    return list != null && list.url().equals(server.url());
  }

  /// Whether the answer of a server counts: tools always do, a failure only when it is that of the
  /// newest attempt, or of no attempt.
  boolean accepts(McpToolList list) {
    EgressCommand.ListMcpTools asked = lists.get(list.serverName());
    return list.tools() != null
        || list.attempt() == null
        || (asked != null && asked.attempt().equals(list.attempt()));
  }

  /// Whether an answer counts: a clone always does, a failure only when it is that of the newest
  /// attempt.
  boolean accepts(RepositoryResult result) {
    EgressCommand.CloneRepository clone = clones.get(result.resourceId());
    return result.archiveKey() != null
        || (clone != null && clone.attempt().equals(result.attempt()));
  }

  @Override
  public String toString() {
    return calls + " " + clones.keySet() + " " + lists.keySet();
  }
}
