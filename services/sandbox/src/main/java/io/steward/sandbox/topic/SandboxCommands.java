package io.steward.sandbox.topic;

import io.steward.sandbox.call.ToolCalls;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.RecordHandler;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.sandbox.SandboxCommand;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/// Records of `sandbox-commands`. What an earlier life of the service left behind is answered
/// before they are read.
public final class SandboxCommands implements RecordHandler {
  private final ToolCalls calls;

  public SandboxCommands(ToolCalls calls) {
    this.calls = calls;
  }

  @Override
  public void beforeReading() {
    calls.recover();
  }

  @Override
  public void handle(RecordFormat.Decoded decoded, Runnable acknowledge)
      throws UnreadableRecordException {
    String workspaceId = decoded.envelope().workspaceId();
    switch (command(decoded)) {
      case SandboxCommand.RunTool run -> calls.run(run, workspaceId, acknowledge);
      case SandboxCommand.CancelTools cancel -> calls.cancel(cancel, workspaceId, acknowledge);
      case SandboxCommand.PrepareSandbox prepare ->
          calls.prepare(prepare, workspaceId, acknowledge);
      case SandboxCommand.EndSandbox end -> calls.end(end, acknowledge);
      case SandboxCommand.DeleteSandbox delete -> calls.delete(delete, acknowledge);
    }
  }

  private static SandboxCommand command(RecordFormat.Decoded decoded)
      throws UnreadableRecordException {
    SandboxCommand command;
    try {
      command = Json.read(decoded.json(), SandboxCommand.class);
    } catch (UncheckedIOException e) {
      throw new UnreadableRecordException("the body is not a command this service knows", e);
    }
    boolean complete =
        switch (command) {
          case SandboxCommand.RunTool run ->
              isPresent(run.sessionId()) && isPresent(run.toolUseId()) && isPresent(run.name());
          case SandboxCommand.CancelTools cancel ->
              isPresent(cancel.sessionId()) && isPresent(cancel.toolUseIds());
          case SandboxCommand.PrepareSandbox prepare ->
              isPresent(prepare.sessionId())
                  && isPresent(prepare.environmentConfig())
                  && isPresent(prepare.network());
          case SandboxCommand.EndSandbox end -> isPresent(end.sessionId());
          case SandboxCommand.DeleteSandbox delete -> isPresent(delete.sessionId());
        };
    if (!complete) {
      throw new UnreadableRecordException("a required field of the command is missing");
    }
    return command;
  }

  /// JSON may leave out what the type says is there.
  private static boolean isPresent(@Nullable Object value) {
    return value != null;
  }
}
