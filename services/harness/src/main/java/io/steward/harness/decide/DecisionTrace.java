package io.steward.harness.decide;

import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.trace.TraceContext;
import java.util.Map;

/// The spans that what a decision writes belongs to.
///
/// @param turn for everything but the calls
/// @param calls for the commands of tool calls, by the id of the call
public record DecisionTrace(TraceContext turn, Map<String, TraceContext> calls) {
  public DecisionTrace {
    calls = Map.copyOf(calls);
  }

  /// What a command belongs to.
  public TraceContext of(SandboxCommand command) {
    return command instanceof SandboxCommand.RunTool run ? call(run.toolUseId()) : turn;
  }

  /// What a command belongs to.
  public TraceContext of(EgressCommand command) {
    return switch (command) {
      case EgressCommand.CallMcpTool call -> call(call.toolUseId());
      case EgressCommand.FetchPage fetch -> call(fetch.toolUseId());
      case EgressCommand.SearchWeb search -> call(search.toolUseId());
      case EgressCommand.CloneRepository _,
          EgressCommand.ListMcpTools _,
          EgressCommand.CancelCalls _,
          EgressCommand.ForgetSession _ ->
          turn;
    };
  }

  private TraceContext call(String toolUseId) {
    return calls.getOrDefault(toolUseId, turn);
  }
}
