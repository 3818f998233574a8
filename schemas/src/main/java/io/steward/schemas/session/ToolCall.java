package io.steward.schemas.session;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.ToolConfig;
import io.steward.schemas.event.ContentBlock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A tool call of the current turn.
///
/// @param id id of its tool-use event, under which everybody outside the model knows it
/// @param modelId the model's `toolu_…` id, or null until the reply it belongs to was read
/// @param mcpServerName name of the MCP server that has the tool, or null for another family
/// @param denyMessage what a person said when denying it, or null
/// @param result what came of it, or null while it is open
public record ToolCall(
    String id,
    @Nullable String modelId,
    Kind kind,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String mcpServerName,
    String name,
    JsonNode input,
    State state,
    @Nullable String denyMessage,
    @Nullable Result result) {

  /// Which family of events the call belongs to.
  public enum Kind {
    /// `agent.tool_use`, run by a sandbox of ours.
    @JsonProperty("built_in")
    BUILT_IN,
    /// `agent.tool_use`, run by the user's own worker (self-hosted environment).
    @JsonProperty("built_in_by_client")
    BUILT_IN_BY_CLIENT,
    /// `agent.mcp_tool_use`, run by vault-proxy.
    @JsonProperty("mcp")
    MCP,
    /// `agent.custom_tool_use`, run by the client.
    @JsonProperty("custom")
    CUSTOM
  }

  /// How far the call is.
  public enum State {
    /// Its command is on the way, or its result follows in the same transaction.
    @JsonProperty("running")
    RUNNING,
    @JsonProperty("awaiting_confirmation")
    AWAITING_CONFIRMATION,
    /// A person allowed it; it runs when nothing else waits.
    @JsonProperty("approved")
    APPROVED,
    /// A person denied it; its error result is still to be written.
    @JsonProperty("denied")
    DENIED,
    @JsonProperty("awaiting_client")
    AWAITING_CLIENT,
    @JsonProperty("answered")
    ANSWERED
  }

  /// What the model will read.
  public record Result(List<ContentBlock> content, boolean isError) {
    public Result {
      content = List.copyOf(content);
    }
  }

  static ToolCall opened(String id, Kind kind, String name, JsonNode input, State state) {
    return new ToolCall(id, null, kind, null, name, input, state, null, null);
  }

  static ToolCall openedMcp(
      String id, String mcpServerName, String name, JsonNode input, State state) {
    return new ToolCall(id, null, Kind.MCP, mcpServerName, name, input, state, null, null);
  }

  ToolCall withModelId(@Nullable String model) {
    return new ToolCall(id, model, kind, mcpServerName, name, input, state, denyMessage, result);
  }

  ToolCall withState(State next) {
    return new ToolCall(id, modelId, kind, mcpServerName, name, input, next, denyMessage, result);
  }

  /// @param message an empty one says nothing, so it is none
  ToolCall denied(@Nullable String message) {
    String said = message == null || message.isBlank() ? null : message;
    return new ToolCall(id, modelId, kind, mcpServerName, name, input, State.DENIED, said, result);
  }

  ToolCall answered(Result answer) {
    return new ToolCall(
        id, modelId, kind, mcpServerName, name, input, State.ANSWERED, denyMessage, answer);
  }

  /// Whether it waits for somebody outside.
  public boolean awaitsClient() {
    return state == State.AWAITING_CONFIRMATION || state == State.AWAITING_CLIENT;
  }

  /// Whether its result comes from a service of ours, which has to be commanded.
  public boolean runsHere() {
    return kind == Kind.BUILT_IN || kind == Kind.MCP;
  }

  /// Whether it needs no sandbox: vault-proxy runs it, or the harness itself searches.
  public boolean runsOutside() {
    return kind == Kind.MCP || (kind == Kind.BUILT_IN && ToolConfig.WEB_TOOLS.contains(name));
  }

  /// Whether it is a call of `web_search`.
  public boolean searchesWeb() {
    return kind == Kind.BUILT_IN && name.equals(ToolConfig.WEB_SEARCH);
  }

  /// Whether it still has no result.
  public boolean open() {
    return state != State.ANSWERED;
  }
}
