package io.steward.sandbox.tool;

import io.steward.sandbox.shim.Recalled;
import io.steward.sandbox.shim.Sandbox;
import io.steward.sandbox.shim.ShellEnd;
import java.time.Duration;

/// `bash`: a command in the shell that the session keeps.
final class BashTool {
  private static final String STOPPED =
      "The shell and everything it started were stopped; the next command gets a new shell.";

  private final Sandbox sandbox;
  private final Toolset.ToolLimits limits;
  private final Toolset.Call call;

  BashTool(Sandbox sandbox, Toolset.ToolLimits limits, Toolset.Call call) {
    this.sandbox = sandbox;
    this.limits = limits;
    this.call = call;
  }

  ToolAnswer run(ToolRequest.Bash request) {
    if (request.restart()) {
      sandbox.restartShell();
    }
    if (request.command().isEmpty()) {
      return ToolAnswer.completed("bash session restarted");
    }
    Duration timeout =
        request.timeoutMs().isPresent()
            ? Duration.ofMillis(request.timeoutMs().getAsLong())
            : call.timeout().orElse(limits.timeout());
    OutputCapture output = capture();
    ShellEnd end =
        sandbox.run(
            CallName.of(call.toolUseId()),
            request.command().get(),
            output,
            timeout,
            call.cancellation());
    return answer(end, output.text(), timeout);
  }

  /// Waits for a command that an earlier life of this service gave the sandbox.
  ToolAnswer await(Recalled.Command command) {
    OutputCapture output = capture();
    ShellEnd end =
        sandbox.await(
            CallName.of(call.toolUseId()),
            command,
            output,
            call.timeout().orElse(limits.timeout()),
            call.cancellation());
    return answer(end, output.text(), command.timeout());
  }

  private OutputCapture capture() {
    return new OutputCapture(sandbox.toolOutputs(), fileName(), limits.outputFileBytesMax());
  }

  private String fileName() {
    return call.toolUseId().replaceAll("[^A-Za-z0-9_-]", "_") + ".txt";
  }

  static ToolAnswer answer(ShellEnd end, String output, Duration timeout) {
    return switch (end) {
      case ShellEnd.Exited(int code) when code == 0 -> ToolAnswer.completed(output);
      case ShellEnd.Exited(int code) ->
          ToolAnswer.failed(output.isEmpty() ? "exit " + code : output);
      case ShellEnd.ShellDied(int code) ->
          ToolAnswer.failed(
              after(output, "bash: the shell ended with code " + code + ". " + STOPPED));
      case ShellEnd.TimedOut() ->
          ToolAnswer.timedOut(
              after(
                  output,
                  "bash: the command timed out after " + timeout.toMillis() + " ms. " + STOPPED));
      case ShellEnd.Canceled() ->
          ToolAnswer.canceled(after(output, "bash: the command was canceled. " + STOPPED));
      case ShellEnd.SandboxLost(String reason) -> ToolAnswer.failed(after(output, lost(reason)));
    };
  }

  private static String lost(String reason) {
    return "bash: the sandbox ended while the command ran: "
        + reason
        + ". It may have done part of its work; look before you run it again."
        + " The next call gets a new sandbox with the files as they are or were last saved.";
  }

  private static String after(String output, String message) {
    return output.isEmpty() ? message : output + "\n" + message;
  }
}
