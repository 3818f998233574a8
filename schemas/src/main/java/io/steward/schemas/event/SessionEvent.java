package io.steward.schemas.event;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.SessionAgent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A public event of a session: what the API lists and streams, field for field. Events are facts
/// and never change; the only exception is `processed_at` of what a client sent, which is null in
/// the queued copy and set in the processed one, under the same id.
///
/// Order is the log's; `processedAt` never decreases within a session and decides nothing. Source:
/// contract/events.md §5.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = SessionEvent.UserMessage.class, name = "user.message"),
  @JsonSubTypes.Type(value = SessionEvent.UserInterrupt.class, name = "user.interrupt"),
  @JsonSubTypes.Type(
      value = SessionEvent.UserToolConfirmation.class,
      name = "user.tool_confirmation"),
  @JsonSubTypes.Type(
      value = SessionEvent.UserCustomToolResult.class,
      name = "user.custom_tool_result"),
  @JsonSubTypes.Type(value = SessionEvent.UserToolResult.class, name = "user.tool_result"),
  @JsonSubTypes.Type(value = SessionEvent.SystemMessage.class, name = "system.message"),
  @JsonSubTypes.Type(value = SessionEvent.AgentMessage.class, name = "agent.message"),
  @JsonSubTypes.Type(value = SessionEvent.AgentThinking.class, name = "agent.thinking"),
  @JsonSubTypes.Type(value = SessionEvent.AgentToolUse.class, name = "agent.tool_use"),
  @JsonSubTypes.Type(value = SessionEvent.AgentToolResult.class, name = "agent.tool_result"),
  @JsonSubTypes.Type(value = SessionEvent.AgentMcpToolUse.class, name = "agent.mcp_tool_use"),
  @JsonSubTypes.Type(value = SessionEvent.AgentMcpToolResult.class, name = "agent.mcp_tool_result"),
  @JsonSubTypes.Type(value = SessionEvent.AgentCustomToolUse.class, name = "agent.custom_tool_use"),
  @JsonSubTypes.Type(
      value = SessionEvent.AgentThreadContextCompacted.class,
      name = "agent.thread_context_compacted"),
  @JsonSubTypes.Type(
      value = SessionEvent.SessionStatusRunning.class,
      name = "session.status_running"),
  @JsonSubTypes.Type(value = SessionEvent.SessionStatusIdle.class, name = "session.status_idle"),
  @JsonSubTypes.Type(
      value = SessionEvent.SessionStatusRescheduled.class,
      name = "session.status_rescheduled"),
  @JsonSubTypes.Type(
      value = SessionEvent.SessionStatusTerminated.class,
      name = "session.status_terminated"),
  @JsonSubTypes.Type(value = SessionEvent.SessionError.class, name = "session.error"),
  @JsonSubTypes.Type(value = SessionEvent.SessionUpdated.class, name = "session.updated"),
  @JsonSubTypes.Type(value = SessionEvent.SessionUsage.class, name = "session.usage"),
  @JsonSubTypes.Type(value = SessionEvent.SessionDeleted.class, name = "session.deleted"),
  @JsonSubTypes.Type(
      value = SessionEvent.SessionThreadStatusRunning.class,
      name = "session.thread_status_running"),
  @JsonSubTypes.Type(
      value = SessionEvent.SessionThreadStatusIdle.class,
      name = "session.thread_status_idle"),
  @JsonSubTypes.Type(
      value = SessionEvent.SessionThreadStatusRescheduled.class,
      name = "session.thread_status_rescheduled"),
  @JsonSubTypes.Type(
      value = SessionEvent.SessionThreadStatusTerminated.class,
      name = "session.thread_status_terminated"),
  @JsonSubTypes.Type(
      value = SessionEvent.SpanModelRequestStart.class,
      name = "span.model_request_start"),
  @JsonSubTypes.Type(
      value = SessionEvent.SpanModelRequestEnd.class,
      name = "span.model_request_end")
})
public sealed interface SessionEvent {
  /// `sevt_…`, unique within the session.
  String id();

  /// When it was processed; null for what a client sent and nobody has processed yet.
  @Nullable Instant processedAt();

  /// The wire type, such as `user.message`.
  @JsonIgnore
  default String type() {
    return EventTypes.of(this);
  }

  /// What a client can send.
  sealed interface ClientEvent extends SessionEvent {
    /// The same event, processed at `time`.
    ClientEvent processed(Instant time);
  }

  /// A client's answer to a tool call.
  sealed interface ToolAnswer extends ClientEvent {
    /// Id of the tool-use event it answers.
    String answeredId();
  }

  record UserMessage(
      String id,
      List<ContentBlock> content,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Instant processedAt)
      implements ClientEvent {
    public UserMessage {
      content = List.copyOf(content);
    }

    @Override
    public UserMessage processed(Instant time) {
      return new UserMessage(id, content, time);
    }
  }

  record UserInterrupt(
      String id,
      @Nullable String sessionThreadId,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Instant processedAt)
      implements ClientEvent {
    @Override
    public UserInterrupt processed(Instant time) {
      return new UserInterrupt(id, sessionThreadId, time);
    }
  }

  record UserToolConfirmation(
      String id,
      String toolUseId,
      Verdict result,
      @Nullable String denyMessage,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Instant processedAt)
      implements ToolAnswer {
    @Override
    public String answeredId() {
      return toolUseId;
    }

    @Override
    public UserToolConfirmation processed(Instant time) {
      return new UserToolConfirmation(id, toolUseId, result, denyMessage, time);
    }
  }

  record UserCustomToolResult(
      String id,
      String customToolUseId,
      @Nullable List<ContentBlock> content,
      @Nullable Boolean isError,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Instant processedAt)
      implements ToolAnswer {
    @Override
    public String answeredId() {
      return customToolUseId;
    }

    @Override
    public UserCustomToolResult processed(Instant time) {
      return new UserCustomToolResult(id, customToolUseId, content, isError, time);
    }
  }

  record UserToolResult(
      String id,
      String toolUseId,
      @Nullable List<ContentBlock> content,
      @Nullable Boolean isError,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Instant processedAt)
      implements ToolAnswer {
    @Override
    public String answeredId() {
      return toolUseId;
    }

    @Override
    public UserToolResult processed(Instant time) {
      return new UserToolResult(id, toolUseId, content, isError, time);
    }
  }

  record SystemMessage(
      String id,
      List<ContentBlock.Text> content,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Instant processedAt)
      implements ClientEvent {
    public SystemMessage {
      content = List.copyOf(content);
    }

    @Override
    public SystemMessage processed(Instant time) {
      return new SystemMessage(id, content, time);
    }
  }

  record AgentMessage(String id, List<ContentBlock> content, Instant processedAt)
      implements SessionEvent {
    public AgentMessage {
      content = List.copyOf(content);
    }
  }

  record AgentThinking(String id, Instant processedAt) implements SessionEvent {}

  /// A call of a built-in tool. `evaluation` is absent when the call was refused before any policy
  /// applied.
  record AgentToolUse(
      String id,
      String name,
      JsonNode input,
      Evaluation.@Nullable Permission evaluatedPermission,
      @Nullable Evaluation evaluation,
      Instant processedAt)
      implements SessionEvent {}

  record AgentToolResult(
      String id,
      String toolUseId,
      List<ContentBlock> content,
      @Nullable Boolean isError,
      Instant processedAt)
      implements SessionEvent {
    public AgentToolResult {
      content = List.copyOf(content);
    }
  }

  /// @param name of the tool, as its server reports it
  record AgentMcpToolUse(
      String id,
      String mcpServerName,
      String name,
      JsonNode input,
      Evaluation.@Nullable Permission evaluatedPermission,
      @Nullable Evaluation evaluation,
      Instant processedAt)
      implements SessionEvent {}

  record AgentMcpToolResult(
      String id,
      String mcpToolUseId,
      List<ContentBlock> content,
      @Nullable Boolean isError,
      Instant processedAt)
      implements SessionEvent {
    public AgentMcpToolResult {
      content = List.copyOf(content);
    }
  }

  record AgentCustomToolUse(String id, String name, JsonNode input, Instant processedAt)
      implements SessionEvent {}

  /// The model sees a summary from now on instead of the oldest part of the conversation.
  record AgentThreadContextCompacted(String id, Instant processedAt) implements SessionEvent {}

  record SessionStatusRunning(String id, Instant processedAt) implements SessionEvent {}

  record SessionStatusIdle(
      String id,
      StopReason stopReason,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable StopDetails stopDetails,
      Instant processedAt)
      implements SessionEvent {}

  record SessionStatusRescheduled(String id, Instant processedAt) implements SessionEvent {}

  record SessionStatusTerminated(String id, Instant processedAt) implements SessionEvent {}

  record SessionError(String id, ErrorDetail error, Instant processedAt) implements SessionEvent {}

  /// An update that changed something; only changed fields are present.
  ///
  /// @param metadata the whole map; absent also when it was cleared to empty
  /// @param budget JSON null when it was removed
  /// @param title JSON null when it was cleared
  record SessionUpdated(
      String id,
      @Nullable SessionAgent agent,
      @Nullable JsonNode budget,
      @Nullable Map<String, String> metadata,
      @Nullable JsonNode title,
      Instant processedAt)
      implements SessionEvent {}

  /// @param budget null when there is none
  record SessionUsage(
      String id,
      CumulativeUsage usage,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Budget budget,
      Instant processedAt)
      implements SessionEvent {}

  record SessionDeleted(String id, Instant processedAt) implements SessionEvent {}

  record SessionThreadStatusRunning(
      String id, String sessionThreadId, String agentName, Instant processedAt)
      implements SessionEvent {}

  record SessionThreadStatusIdle(
      String id,
      String sessionThreadId,
      String agentName,
      StopReason stopReason,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable StopDetails stopDetails,
      Instant processedAt)
      implements SessionEvent {}

  record SessionThreadStatusRescheduled(
      String id, String sessionThreadId, String agentName, Instant processedAt)
      implements SessionEvent {}

  record SessionThreadStatusTerminated(
      String id, String sessionThreadId, String agentName, Instant processedAt)
      implements SessionEvent {}

  record SpanModelRequestStart(String id, Instant processedAt) implements SessionEvent {}

  record SpanModelRequestEnd(
      String id,
      String modelRequestStartId,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Boolean isError,
      RequestUsage modelUsage,
      Instant processedAt)
      implements SessionEvent {}

  /// What a person decided about a tool call.
  enum Verdict {
    @JsonProperty("allow")
    ALLOW,
    @JsonProperty("deny")
    DENY
  }
}
