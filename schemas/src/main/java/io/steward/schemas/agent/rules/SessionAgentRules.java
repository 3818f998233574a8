package io.steward.schemas.agent.rules;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.AgentTool;
import io.steward.schemas.agent.AgentTool.AgentToolset;
import io.steward.schemas.agent.McpServer;
import io.steward.schemas.agent.ModelConfig;
import io.steward.schemas.agent.Multiagent;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.agent.SkillReference;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.model.CatalogModel;
import io.steward.schemas.model.ModelCatalog;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The rules of the agent of a session: what `POST /v1/sessions` may say about it and what a
/// session update may change. Source: contract/core.md §5.3, §5.6.
public final class SessionAgentRules {
  private static final int ID_CHARS_MAX = 255;
  private static final List<String> TYPES = List.of("agent", "agent_with_overrides");

  private SessionAgentRules() {}

  /// Which agent a new session asks for.
  ///
  /// @param version null for the newest
  /// @param overrides the object whose fields override the agent's, or null
  public record Selection(String id, @Nullable Integer version, @Nullable JsonNode overrides) {}

  /// Reads the field `agent` of a request: an id, a reference, or a reference with overrides.
  ///
  /// @throws ApiException 400 when it is none of them
  public static Selection selection(JsonNode body) {
    Fields fields = Fields.body(body);
    JsonNode agent = fields.value("agent");
    if (agent != null && agent.isTextual()) {
      return new Selection(fields.requiredText("agent", 1, ID_CHARS_MAX), null, null);
    }
    if (agent == null || !agent.isObject()) {
      throw fields.refusal("agent", "must be an agent id or an object with `type` and `id`");
    }
    Fields reference = fields.requiredObject("agent");
    String type = reference.requiredChoice("type", TYPES);
    String id = reference.requiredText("id", 1, ID_CHARS_MAX);
    Integer version = reference.positive("version");
    return new Selection(id, version, type.equals("agent") ? null : agent);
  }

  /// The agent of a new session after its overrides; `id` and `version` stay the base's. The
  /// overrides also reach the agent's copies of itself in its roster.
  ///
  /// @param overrides the `agent` object of the request
  /// @throws ApiException 400 when an override breaks a rule
  public static SessionAgent withOverrides(SessionAgent base, JsonNode overrides) {
    Fields fields = Fields.at(overrides, "agent");
    if (fields.isNull("model")) {
      throw new ApiException(
          ApiError.invalid(
              "`agent.model` is null, but an agent needs one.", "agent_model_required"));
    }
    ModelConfig model =
        fields.has("model")
            ? ModelRules.withDefaultEffort(ModelRules.required(fields, null))
            : base.model();
    String system =
        fields.has("system")
            ? AgentRules.textOrNull(fields, "system", AgentRules.SYSTEM_CHARS_MAX)
            : base.system();
    List<SkillReference> skills = fields.has("skills") ? SkillRules.read(fields) : base.skills();
    return changed(base, fields, model, system, skills);
  }

  /// The entry that serves the model of a new session's agent, be it the agent's own or an
  /// override. A session of an agent whose model has left the catalog could never begin a turn.
  ///
  /// @throws ApiException 400 when no provider serves it
  public static CatalogModel requireServed(ModelCatalog catalog, SessionAgent agent) {
    return ModelRules.requireServed(catalog, "agent.model", agent.model().id());
  }

  /// The agent of a session after an update of its `tools` and `mcp_servers`; the same object when
  /// nothing would change.
  ///
  /// @param change the `agent` object of the request
  /// @throws ApiException 400 when the change breaks a rule
  public static SessionAgent withTools(SessionAgent current, JsonNode change) {
    Fields fields = Fields.at(change, "agent");
    SessionAgent changed =
        changed(current, fields, current.model(), current.system(), current.skills());
    return changed.equals(current) ? current : changed;
  }

  private static SessionAgent changed(
      SessionAgent base,
      Fields fields,
      ModelConfig model,
      @Nullable String system,
      List<SkillReference> skills) {
    List<AgentTool> tools = fields.has("tools") ? ToolRules.read(fields) : base.tools();
    List<McpServer> servers =
        fields.has("mcp_servers") ? McpServerRules.read(fields) : base.mcpServers();
    McpServerRules.requireServers(tools, servers);
    if (fields.has("mcp_servers")) {
      McpServerRules.requireToolsets(tools, servers);
    }
    if (fields.has("tools") && !skills.isEmpty() && !offersRead(tools)) {
      throw fields.refusal("tools", "must enable the tool `read`, which the agent's skills need");
    }
    SessionAgent alone =
        new SessionAgent(
            base.id(),
            base.version(),
            base.name(),
            base.description(),
            system,
            model,
            tools,
            servers,
            skills,
            base.multiagent(),
            base.executionIdentity());
    Multiagent roster = base.multiagent();
    return roster == null ? alone : withRoster(alone, roster);
  }

  private static boolean offersRead(List<AgentTool> tools) {
    return tools.stream()
        .anyMatch(tool -> tool instanceof AgentToolset toolset && toolset.enabled("read"));
  }

  private static SessionAgent withRoster(SessionAgent agent, Multiagent roster) {
    return new SessionAgent(
        agent.id(),
        agent.version(),
        agent.name(),
        agent.description(),
        agent.system(),
        agent.model(),
        agent.tools(),
        agent.mcpServers(),
        agent.skills(),
        roster.mapMembers(member -> member.id().equals(agent.id()) ? agent.thread() : member),
        agent.executionIdentity());
  }
}
