package io.steward.sandbox.tool;

import io.steward.sandbox.shim.Cancellation;
import io.steward.sandbox.shim.Recalled;
import io.steward.sandbox.shim.Sandbox;
import java.time.Duration;
import java.util.Optional;

/// Performs a checked request in a sandbox.
public final class Toolset {
  /// How long a sandbox may take to say what it remembers.
  private static final Duration RECALL_MAX = Duration.ofSeconds(20);

  private static final String CALL_AGAIN =
      " because the sandbox service was restarted. Call the tool again.";

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
    FileTools files = new FileTools(sandbox, call, call.timeout().orElse(limits.timeout()));
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

  /// What a sandbox that was taken over remembers of a call.
  public Recalled recall(Sandbox sandbox, String toolUseId) {
    return sandbox.recall(CallName.of(toolUseId), RECALL_MAX);
  }

  /// What the model reads of a call that is no command; empty when nobody knows how far it came.
  public Optional<ToolAnswer> answer(Recalled recalled) {
    return switch (recalled) {
      case Recalled.Stored(String note, byte[] answer) -> FileTools.stored(note, answer);
      case Recalled.Looked() ->
          Optional.of(
              ToolAnswer.failed(
                  "What this call found was lost" + CALL_AGAIN + " It changed nothing."));
      case Recalled.Never() ->
          Optional.of(
              ToolAnswer.failed(
                  "This call did not reach its sandbox, so nothing ran," + CALL_AGAIN));
      case Recalled.Command _, Recalled.Nothing _, Recalled.Unknown _ -> Optional.empty();
    };
  }

  /// Waits for the end of a command that was recalled.
  ///
  /// @param call its timeout is what is left of it
  public ToolAnswer await(Sandbox sandbox, Recalled.Command command, Call call) {
    return new BashTool(sandbox, limits, call).await(command);
  }

  /// Has a sandbox forget a call whose result is safe.
  public void forget(Sandbox sandbox, String toolUseId) {
    sandbox.forget(CallName.of(toolUseId));
  }
}
