package io.steward.schemas.session;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.session.Session.Idle;
import io.steward.schemas.session.Session.Live;
import io.steward.schemas.session.Session.Rescheduling;
import io.steward.schemas.session.Session.Running;
import io.steward.schemas.session.Session.Terminated;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The tool calls of the newest reply, wherever the state keeps them.
final class Calls {
  private Calls() {}

  static List<ToolCall> of(Live live) {
    return switch (live) {
      case Idle idle -> idle.calls();
      case Running running ->
          switch (running.phase()) {
            case Phase.ToolsOpen(List<ToolCall> calls) -> calls;
            case Phase.ModelRequested requested -> requested.calls();
            case Phase.NeedsModel _, Phase.TurnOver _ -> List.of();
          };
      case Rescheduling _, Terminated _ -> List.of();
    };
  }

  static Live with(Live live, List<ToolCall> calls) {
    return switch (live) {
      case Idle idle -> idle.withCalls(calls);
      case Running running ->
          switch (running.phase()) {
            case Phase.ToolsOpen _ -> running.withPhase(new Phase.ToolsOpen(calls));
            case Phase.ModelRequested requested ->
                running.withPhase(
                    new Phase.ModelRequested(requested.spanId(), calls, requested.reply()));
            case Phase.NeedsModel _, Phase.TurnOver _ -> running;
          };
      case Rescheduling _, Terminated _ -> live;
    };
  }

  static @Nullable ToolCall find(List<ToolCall> calls, String id) {
    return calls.stream().filter(call -> call.id().equals(id)).findFirst().orElse(null);
  }

  /// Whether `answer` is one that `call` waits for. A worker may answer as soon as its call was
  /// allowed, even before that was processed.
  static boolean accepts(ToolCall call, SessionEvent.ToolAnswer answer) {
    return switch (answer) {
      case SessionEvent.UserToolConfirmation _ ->
          call.state() == ToolCall.State.AWAITING_CONFIRMATION;
      case SessionEvent.UserCustomToolResult _ ->
          call.kind() == ToolCall.Kind.CUSTOM && call.state() == ToolCall.State.AWAITING_CLIENT;
      case SessionEvent.UserToolResult _ ->
          call.kind() == ToolCall.Kind.BUILT_IN_BY_CLIENT
              && (call.state() == ToolCall.State.AWAITING_CLIENT
                  || call.state() == ToolCall.State.APPROVED);
    };
  }

  static List<ToolCall> replace(List<ToolCall> calls, ToolCall changed) {
    return calls.stream().map(call -> call.id().equals(changed.id()) ? changed : call).toList();
  }

  /// An approved call on its way to whoever runs it.
  static ToolCall released(ToolCall call) {
    return call.withState(
        call.kind() == ToolCall.Kind.BUILT_IN_BY_CLIENT
            ? ToolCall.State.AWAITING_CLIENT
            : ToolCall.State.RUNNING);
  }

  /// What the model reads of calls that all have their result.
  static Transcript.ToolResults results(List<ToolCall> calls) {
    return new Transcript.ToolResults(
        calls.stream()
            .map(call -> {
              ToolCall.Result result = Objects.requireNonNull(call.result());
              return new Transcript.ToolResultEntry(
                  Objects.requireNonNullElse(call.modelId(), call.id()),
                  result.content(),
                  result.isError());
            })
            .toList());
  }
}
