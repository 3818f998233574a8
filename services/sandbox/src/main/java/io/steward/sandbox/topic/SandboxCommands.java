package io.steward.sandbox.topic;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.steward.sandbox.call.ToolCalls;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.ProcessSpans;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.RecordHandler;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.trace.SpanKeys;
import io.steward.schemas.trace.Tracing;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/// Records of `sandbox-commands`. What an earlier life of the service left behind is answered
/// before they are read.
public final class SandboxCommands implements RecordHandler {
  private final ToolCalls calls;
  private final Tracing tracing;

  public SandboxCommands(ToolCalls calls, Tracing tracing) {
    this.calls = calls;
    this.tracing = tracing;
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
      case SandboxCommand.RunTool run -> {
        try (Scope _ = span(decoded.envelope(), run).makeCurrent()) {
          calls.run(run, workspaceId, acknowledge);
        }
      }
      case SandboxCommand.CancelTools cancel -> calls.cancel(cancel, workspaceId, acknowledge);
      case SandboxCommand.PrepareSandbox prepare ->
          calls.prepare(prepare, workspaceId, acknowledge);
      case SandboxCommand.EndSandbox end -> calls.end(end, acknowledge);
      case SandboxCommand.DeleteSandbox delete -> calls.delete(delete, acknowledge);
    }
  }

  /// It ends with the call.
  private Span span(Envelope envelope, SandboxCommand.RunTool run) {
    return ProcessSpans.begin(
            tracing, Topics.SANDBOX_COMMANDS, run.sessionId().partition(), envelope)
        .setAttribute(SpanKeys.TOOL_NAME, run.name())
        .setAttribute(SpanKeys.TOOL_CALL_ID, run.toolUseId());
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
