package io.steward.sandbox.tool;

import io.steward.sandbox.shim.Cancellation;
import io.steward.sandbox.shim.Sandbox;
import java.time.Duration;
import java.util.Optional;

/// Performs a checked request in a sandbox.
public final class Toolset {
  private final ToolLimits limits;

  public Toolset(ToolLimits limits) {
    this.limits = limits;
  }

  /// @param timeout wall clock of a call that asks for none
  /// @param outputFileBytesMax largest file with the output of one command
  public record ToolLimits(Duration timeout, long outputFileBytesMax) {}

  /// How a call is run.
  ///
  /// @param toolUseId names the file of a long output
  /// @param timeout wall clock the harness asked for; the model's own wish goes before it
  public record Call(String toolUseId, Optional<Duration> timeout, Cancellation cancellation) {}

  /// Runs `request` and waits for its end. Requests for the shell of one sandbox must not overlap.
  public ToolAnswer run(Sandbox sandbox, ToolRequest request, Call call) {
    FileTools files =
        new FileTools(sandbox, call.timeout().orElse(limits.timeout()), call.cancellation());
    return switch (request) {
      case ToolRequest.Bash bash -> new BashTool(sandbox, limits, call).run(bash);
      case ToolRequest.Read read -> files.read(read);
      case ToolRequest.Write write -> files.write(write);
      case ToolRequest.Edit edit -> files.edit(edit);
      case ToolRequest.Glob glob -> new SearchTools(files).glob(glob);
      case ToolRequest.Grep grep -> new SearchTools(files).grep(grep);
      case ToolRequest.Invalid invalid -> ToolAnswer.failed(invalid.message());
    };
  }
}
