package io.steward.schemas.agent.rules;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.Agent;
import io.steward.schemas.agent.AgentTool;
import io.steward.schemas.agent.ExecutionIdentity;
import io.steward.schemas.agent.McpServer;
import io.steward.schemas.agent.ModelConfig;
import io.steward.schemas.agent.Multiagent;
import io.steward.schemas.agent.Multiagent.AgentReference;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.model.ModelCatalog;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The rules of creating and updating an agent. Source: contract/core.md §2.
public final class AgentRules {
  static final int NAME_CHARS_MAX = 256;
  static final int DESCRIPTION_CHARS_MAX = 2_048;
  static final int SYSTEM_CHARS_MAX = 100_000;
  private static final int ROLE_ARN_CHARS_MAX = 2_048;

  private AgentRules() {}

  /// The agents that [#create] or [#update] may look up for this body.
  ///
  /// @param current the agent to be updated, or null for a new one
  public static List<AgentLookup.Wanted> references(JsonNode body, @Nullable Agent current) {
    return RosterRules.references(body, current == null ? null : current.multiagent());
  }

  /// Version 1 of a new agent.
  ///
  /// @throws ApiException 400 when the body breaks a rule or no provider serves its model
  public static Agent create(
      JsonNode body, String id, Instant now, AgentLookup lookup, ModelCatalog catalog) {
    Fields fields = Fields.body(body);
    String name = fields.requiredText("name", 1, NAME_CHARS_MAX);
    ModelConfig model = ModelRules.served(fields, null, catalog);
    List<AgentTool> tools = ToolRules.read(fields);
    List<McpServer> servers = McpServerRules.read(fields);
    requireMatch(tools, servers);
    return new Agent(
        id,
        name,
        textOrNull(fields, "description", DESCRIPTION_CHARS_MAX),
        textOrNull(fields, "system", SYSTEM_CHARS_MAX),
        model,
        tools,
        servers,
        SkillRules.read(fields),
        roster(fields, null, model, new RosterRules(id, 1, lookup)),
        identity(fields),
        MetadataRules.create(body),
        1,
        now,
        now,
        null);
  }

  /// The agent after a patch: the same object when nothing would change, else the next version. A
  /// model that the patch does not name is not looked up again, so that an agent can be changed
  /// when its model has left the catalog.
  ///
  /// @throws ApiException 409 when `version` is not the current one, 400 when the agent is
  ///   archived, the patch breaks a rule, or no provider serves the model it names
  public static Agent update(
      Agent current, JsonNode body, Instant now, AgentLookup lookup, ModelCatalog catalog) {
    Fields patch = Fields.body(body);
    Integer expected = patch.positive("version");
    if (current.archivedAt() != null) {
      throw new ApiException(
          ApiError.invalid("Agent " + current.id() + " is archived and cannot be changed."));
    }
    if (expected != null && expected != current.version()) {
      throw new ApiException(
          ApiError.conflict(
              "`version` is %d, but agent %s is at version %d."
                  .formatted(expected, current.id(), current.version())));
    }
    Agent patched = patched(current, patch, lookup, catalog);
    return patched.equals(current) ? current : nextVersion(patched, now);
  }

  private static Agent patched(
      Agent current, Fields patch, AgentLookup lookup, ModelCatalog catalog) {
    String name =
        patch.has("name") ? patch.requiredText("name", 1, NAME_CHARS_MAX) : current.name();
    ModelConfig model =
        patch.has("model") ? ModelRules.served(patch, current.model(), catalog) : current.model();
    List<AgentTool> tools = patch.has("tools") ? ToolRules.read(patch) : current.tools();
    List<McpServer> servers =
        patch.has("mcp_servers") ? McpServerRules.read(patch) : current.mcpServers();
    requireMatch(tools, servers);
    RosterRules rules = new RosterRules(current.id(), current.version(), lookup);
    return new Agent(
        current.id(),
        name,
        patch.has("description")
            ? textOrNull(patch, "description", DESCRIPTION_CHARS_MAX)
            : current.description(),
        patch.has("system") ? textOrNull(patch, "system", SYSTEM_CHARS_MAX) : current.system(),
        model,
        tools,
        servers,
        patch.has("skills") ? SkillRules.read(patch) : current.skills(),
        roster(patch, current.multiagent(), model, rules),
        patch.has("execution_identity") ? identity(patch) : current.executionIdentity(),
        MetadataRules.update(current.metadata(), patch.node(), MetadataRules.EmptyValue.STORED),
        current.version(),
        current.createdAt(),
        current.updatedAt(),
        null);
  }

  private static Agent nextVersion(Agent patched, Instant now) {
    int version = patched.version() + 1;
    Multiagent roster = patched.multiagent();
    return new Agent(
        patched.id(),
        patched.name(),
        patched.description(),
        patched.system(),
        patched.model(),
        patched.tools(),
        patched.mcpServers(),
        patched.skills(),
        roster == null
            ? null
            : roster.mapMembers(member ->
                member.id().equals(patched.id())
                    ? new AgentReference(member.id(), version)
                    : member),
        patched.executionIdentity(),
        patched.metadata(),
        version,
        patched.createdAt(),
        now,
        null);
  }

  private static void requireMatch(List<AgentTool> tools, List<McpServer> servers) {
    McpServerRules.requireServers(tools, servers);
    McpServerRules.requireToolsets(tools, servers);
  }

  /// A text where null and the empty string both mean none.
  static @Nullable String textOrNull(Fields fields, String field, int charsMax) {
    String text = fields.text(field, 0, charsMax);
    return text == null || text.isEmpty() ? null : text;
  }

  private static @Nullable Multiagent roster(
      Fields fields, @Nullable Multiagent stored, ModelConfig model, RosterRules rules) {
    Multiagent roster = stored;
    if (fields.has("multiagent")) {
      roster = fields.isNull("multiagent") ? null : rules.read(fields, stored);
    }
    if (roster != null && (fields.has("multiagent") || fields.has("model"))) {
      rules.requireOneGeo(fields, roster, model.inferenceGeo());
    }
    return roster;
  }

  private static ExecutionIdentity identity(Fields fields) {
    Fields identity = fields.object("execution_identity");
    if (identity == null) {
      return ExecutionIdentity.SERVICE_ACCOUNT;
    }
    if (identity
        .requiredChoice("type", List.of("service_account", "aws_role"))
        .equals("aws_role")) {
      identity.requiredText("role_arn", 1, ROLE_ARN_CHARS_MAX);
      throw identity.refusal(
          "type", "must be \"service_account\": this server does not run on AWS");
    }
    return ExecutionIdentity.SERVICE_ACCOUNT;
  }
}
