package io.steward.schemas.sandbox;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.id.SessionId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the harness asks of the sandbox service: records of `sandbox-commands`, in the order of the
/// session's steps. A record may come twice; a known tool-use id never runs again (architecture
/// §5).
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = SandboxCommand.RunTool.class, name = SandboxCommand.RUN_TOOL),
  @JsonSubTypes.Type(value = SandboxCommand.CancelTools.class, name = SandboxCommand.CANCEL_TOOLS),
  @JsonSubTypes.Type(value = SandboxCommand.PrepareSandbox.class, name = SandboxCommand.PREPARE),
  @JsonSubTypes.Type(value = SandboxCommand.EndSandbox.class, name = SandboxCommand.END),
  @JsonSubTypes.Type(value = SandboxCommand.DeleteSandbox.class, name = SandboxCommand.DELETE)
})
public sealed interface SandboxCommand {
  String RUN_TOOL = "sandbox.run_tool";
  String CANCEL_TOOLS = "sandbox.cancel_tools";
  String PREPARE = "sandbox.prepare";
  String END = "sandbox.end";
  String DELETE = "sandbox.delete";

  SessionId sessionId();

  /// Run one built-in tool.
  ///
  /// @param toolUseId id of the `agent.tool_use` event; at most one run ever has it
  /// @param name `bash`, `read`, `write`, `edit`, `glob` or `grep`
  /// @param input the model's arguments, not yet checked
  /// @param environmentConfig `config` of the environment, which shapes the sandbox
  /// @param timeoutMs milliseconds a call may take, or null for the default
  /// @param mounts everything the sandbox has to show besides its own, in no order
  /// @param network what the session adds to the networking of the environment
  record RunTool(
      SessionId sessionId,
      String toolUseId,
      String name,
      JsonNode input,
      String environmentId,
      JsonNode environmentConfig,
      @Nullable Long timeoutMs,
      List<SandboxMount> mounts,
      SandboxNetwork network)
      implements SandboxCommand {
    public RunTool {
      mounts = mounts == null ? List.of() : List.copyOf(mounts); // A command of 0.1 has none,
      network = network == null ? SandboxNetwork.NONE : network; // and not this one, either.
    }
  }

  /// Stop these calls. A call that did not start never will.
  record CancelTools(SessionId sessionId, List<String> toolUseIds) implements SandboxCommand {}

  /// A call will probably come: have a sandbox ready. A hint, which may be lost, doubled or left
  /// out without harm; it is never answered.
  ///
  /// @param environmentConfig `config` of the environment, which shapes the sandbox
  /// @param mounts everything the sandbox has to show besides its own, in no order
  /// @param network what the session adds to the networking of the environment
  record PrepareSandbox(
      SessionId sessionId,
      String environmentId,
      JsonNode environmentConfig,
      List<SandboxMount> mounts,
      SandboxNetwork network)
      implements SandboxCommand {
    public PrepareSandbox {
      mounts = List.copyOf(mounts);
    }
  }

  /// The session came to its end: end its sandbox and what runs in it. Its workspace stays.
  record EndSandbox(SessionId sessionId) implements SandboxCommand {}

  /// The session is gone: end its sandbox and remove its workspace.
  record DeleteSandbox(SessionId sessionId) implements SandboxCommand {}

  /// The CloudEvents type of this command.
  default String type() {
    return switch (this) {
      case RunTool _ -> RUN_TOOL;
      case CancelTools _ -> CANCEL_TOOLS;
      case PrepareSandbox _ -> PREPARE;
      case EndSandbox _ -> END;
      case DeleteSandbox _ -> DELETE;
    };
  }
}
