package io.steward.schemas.egress;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.ToolConfig.UserLocation;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.resource.SessionResource.Checkout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the harness asks of vault-proxy: records of `egress-commands`, in the order of the
/// session's steps. A record may come twice; a known tool-use id never runs again (architecture
/// §5).
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(
      value = EgressCommand.CloneRepository.class,
      name = EgressCommand.CLONE_REPOSITORY),
  @JsonSubTypes.Type(value = EgressCommand.ListMcpTools.class, name = EgressCommand.LIST_MCP_TOOLS),
  @JsonSubTypes.Type(value = EgressCommand.CallMcpTool.class, name = EgressCommand.CALL_MCP_TOOL),
  @JsonSubTypes.Type(value = EgressCommand.FetchPage.class, name = EgressCommand.FETCH_PAGE),
  @JsonSubTypes.Type(value = EgressCommand.SearchWeb.class, name = EgressCommand.SEARCH_WEB),
  @JsonSubTypes.Type(value = EgressCommand.CancelCalls.class, name = EgressCommand.CANCEL_CALLS),
  @JsonSubTypes.Type(value = EgressCommand.ForgetSession.class, name = EgressCommand.FORGET_SESSION)
})
public sealed interface EgressCommand {
  String CLONE_REPOSITORY = "egress.clone_repository";
  String LIST_MCP_TOOLS = "egress.list_mcp_tools";
  String CALL_MCP_TOOL = "egress.call_mcp_tool";
  String FETCH_PAGE = "egress.fetch_page";
  String SEARCH_WEB = "egress.search_web";
  String CANCEL_CALLS = "egress.cancel_calls";
  String FORGET_SESSION = "egress.forget_session";

  SessionId sessionId();

  /// Clone a repository into the blob store. Cloning twice does no harm: the answer is the same.
  ///
  /// @param resourceId the resource it is for
  /// @param attempt names this attempt; the answer carries it
  /// @param secretId the token to use, or null to go without
  record CloneRepository(
      SessionId sessionId,
      String resourceId,
      String attempt,
      String url,
      @Nullable Checkout checkout,
      @Nullable String secretId)
      implements EgressCommand {}

  /// Ask an MCP server for its tools; the answer is an [McpToolList]. Asking twice does no harm.
  ///
  /// @param serverName its name in the agent
  /// @param url of the server, as the agent has it
  /// @param attempt names this attempt; the answer carries it
  /// @param vaultIds the session's vaults; the first with a credential for `url` counts
  record ListMcpTools(
      SessionId sessionId, String serverName, String url, String attempt, List<String> vaultIds)
      implements EgressCommand {
    public ListMcpTools {
      vaultIds = List.copyOf(vaultIds);
    }
  }

  /// Call a tool of an MCP server; the answer is a [io.steward.schemas.sandbox.ToolResult].
  ///
  /// @param toolUseId id of the `agent.mcp_tool_use` event; at most one call ever has it
  /// @param serverName its name in the agent
  /// @param url of the server, as the agent has it
  /// @param toolName as the server reports it
  /// @param input the model's arguments, not yet checked
  /// @param vaultIds the session's vaults; the first with a credential for `url` counts
  record CallMcpTool(
      SessionId sessionId,
      String toolUseId,
      String serverName,
      String url,
      String toolName,
      JsonNode input,
      List<String> vaultIds)
      implements EgressCommand {
    public CallMcpTool {
      vaultIds = List.copyOf(vaultIds);
    }
  }

  /// Run `web_fetch`; the answer is a [io.steward.schemas.sandbox.ToolResult].
  ///
  /// @param toolUseId id of the `agent.tool_use` event; at most one call ever has it
  /// @param input the model's arguments, not yet checked
  /// @param allowedDomains only these hosts and those below them, or null for no restriction
  /// @param blockedDomains never these hosts and those below them, or null
  /// @param contentTokensMax how much of a text the model gets at most, or null for the usual
  record FetchPage(
      SessionId sessionId,
      String toolUseId,
      JsonNode input,
      @Nullable List<String> allowedDomains,
      @Nullable List<String> blockedDomains,
      @Nullable Integer contentTokensMax)
      implements EgressCommand {}

  /// Run `web_search`; the answer is a [io.steward.schemas.sandbox.ToolResult].
  ///
  /// @param toolUseId id of the `agent.tool_use` event; at most one call ever has it
  /// @param input the model's arguments, not yet checked
  /// @param allowedDomains only pages of these hosts and paths, or null for no restriction
  /// @param blockedDomains never pages of these hosts and paths, or null
  /// @param userLocation where the user is, roughly, or null
  record SearchWeb(
      SessionId sessionId,
      String toolUseId,
      JsonNode input,
      @Nullable List<String> allowedDomains,
      @Nullable List<String> blockedDomains,
      @Nullable UserLocation userLocation)
      implements EgressCommand {}

  /// Stop these calls. A call that did not start never will.
  record CancelCalls(SessionId sessionId, List<String> toolUseIds) implements EgressCommand {
    public CancelCalls {
      toolUseIds = List.copyOf(toolUseIds);
    }
  }

  /// The session is gone: forget its secrets, its calls and its connections.
  record ForgetSession(SessionId sessionId) implements EgressCommand {}

  /// The CloudEvents type of this command.
  default String type() {
    return switch (this) {
      case CloneRepository _ -> CLONE_REPOSITORY;
      case ListMcpTools _ -> LIST_MCP_TOOLS;
      case CallMcpTool _ -> CALL_MCP_TOOL;
      case FetchPage _ -> FETCH_PAGE;
      case SearchWeb _ -> SEARCH_WEB;
      case CancelCalls _ -> CANCEL_CALLS;
      case ForgetSession _ -> FORGET_SESSION;
    };
  }
}
