package io.steward.harness.trace;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.ToolConfig;
import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.session.ToolCall;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A tool call that runs here, as its span shows it.
///
/// @param mcpServer name of the MCP server that has the tool, or null
record CalledTool(String id, String name, @Nullable String mcpServer, JsonNode input) {
  static CalledTool of(ToolCall call) {
    return new CalledTool(call.id(), call.name(), call.mcpServerName(), call.input());
  }

  /// The call a command is about, if it is about one that begins.
  static Optional<CalledTool> of(SandboxCommand command) {
    return command instanceof SandboxCommand.RunTool run
        ? Optional.of(new CalledTool(run.toolUseId(), run.name(), null, run.input()))
        : Optional.empty();
  }

  /// The call a command is about, if it is about one that begins.
  static Optional<CalledTool> of(EgressCommand command) {
    return switch (command) {
      case EgressCommand.CallMcpTool call ->
          Optional.of(
              new CalledTool(call.toolUseId(), call.toolName(), call.serverName(), call.input()));
      case EgressCommand.FetchPage fetch ->
          Optional.of(new CalledTool(fetch.toolUseId(), ToolConfig.WEB_FETCH, null, fetch.input()));
      case EgressCommand.SearchWeb search -> Optional.of(of(search));
      case EgressCommand.CloneRepository _,
          EgressCommand.ListMcpTools _,
          EgressCommand.CancelCalls _,
          EgressCommand.ForgetSession _ ->
          Optional.empty();
    };
  }

  static CalledTool of(EgressCommand.SearchWeb search) {
    return new CalledTool(search.toolUseId(), ToolConfig.WEB_SEARCH, null, search.input());
  }
}
