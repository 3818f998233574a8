package io.steward.harness.decide;

import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.Ids;
import io.steward.schemas.session.ToolCall;
import java.util.List;

/// Results of tool calls as events.
final class ToolResults {
  private static final String INTERRUPTED =
      "Tool execution was interrupted before completion. Please retry.";

  private ToolResults() {}

  /// The result of a call that ran here, in the call's own family.
  static SessionEvent of(
      Draft draft, ToolCall.Kind kind, String callId, List<ContentBlock> content, boolean isError) {
    return kind == ToolCall.Kind.MCP
        ? new SessionEvent.AgentMcpToolResult(
            draft.eventId(), callId, content, isError, draft.time())
        : new SessionEvent.AgentToolResult(draft.eventId(), callId, content, isError, draft.time());
  }

  /// An error the model reads instead of a result.
  static SessionEvent error(Draft draft, ToolCall call, String text) {
    return of(draft, call.kind(), call.id(), text(text), true);
  }

  /// The result of a call that an interrupt closed, in the call's own family.
  static SessionEvent interrupted(Draft draft, ToolCall call) {
    return switch (call.kind()) {
      case BUILT_IN, MCP -> error(draft, call, INTERRUPTED);
      case BUILT_IN_BY_CLIENT ->
          new SessionEvent.UserToolResult(
              answerId(call, "user.tool_result"), call.id(), text(INTERRUPTED), true, draft.time());
      case CUSTOM ->
          new SessionEvent.UserCustomToolResult(
              answerId(call, "user.custom_tool_result"),
              call.id(),
              text(INTERRUPTED),
              true,
              draft.time());
    };
  }

  /// The id the client's own answer would have, so that a call has one answer whoever was first.
  private static String answerId(ToolCall call, String type) {
    return Ids.derived("sevt_", call.id() + type);
  }

  private static List<ContentBlock> text(String text) {
    return List.of(new ContentBlock.Text(text));
  }
}
