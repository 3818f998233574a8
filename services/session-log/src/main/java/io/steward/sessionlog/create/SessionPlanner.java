package io.steward.sessionlog.create;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.agent.Agent;
import io.steward.schemas.agent.Environment;
import io.steward.schemas.agent.EnvironmentConfig.SelfHostedConfig;
import io.steward.schemas.agent.Multiagent;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.agent.rules.AgentLookup;
import io.steward.schemas.agent.rules.MetadataRules;
import io.steward.schemas.agent.rules.SessionAgentRules;
import io.steward.schemas.event.Budget;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.json.Json;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.vault.VaultHead;
import io.steward.sessionlog.http.Field;
import io.steward.sessionlog.resource.ResourceParser;
import io.steward.sessionlog.resource.ResourceRequest;
import io.steward.sessionlog.send.EventParser;
import io.steward.sessionlog.send.FileReference;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Turns a request for a session into the plan of one, or refuses it. Source: contract/core.md
/// §5.2–§5.4.
///
/// @param agents finds agents
/// @param environments finds environments
/// @param vaults finds vaults
/// @param models who serves which model, and at what price
/// @param parser reads resources
record SessionPlanner(
    AgentLookup agents,
    Function<String, Optional<Environment>> environments,
    Function<String, Optional<VaultHead>> vaults,
    ModelCatalog models,
    ResourceParser parser) {
  /// How long a title may be, in characters.
  static final int TITLE_CHARS_MAX = 1_024;

  private static final int ID_CHARS_MAX = 255;
  private static final EventParser EVENTS = EventParser.create();

  SessionPlan plan(ObjectNode body) {
    Field root = new Field("", body);
    SessionAgentRules.Selection selection = SessionAgentRules.selection(body);
    String environmentId = root.field("environment_id").text(1, ID_CHARS_MAX);
    String title = root.field("title").optionalText(TITLE_CHARS_MAX);
    var metadata = MetadataRules.create(body);
    List<ResourceRequest> resources = parser.created(root.field("resources"));
    NamedVaults named = NamedVaults.read(root.field("vault_ids"));
    Budget budget = BudgetRules.read(root.field("budget"));
    List<SessionEvent> initialEvents = EVENTS.initial(body);
    List<FileReference> files = FileReference.of("initial_events", initialEvents);
    SessionAgent agent = agent(selection);
    SessionAgentRules.requireServed(models, agent);
    if (budget != null) {
      BudgetRules.requirePrices(agent, models);
    }
    Environment environment = environment(environmentId);
    EnvironmentFit.require(agent, environment.config());
    requireCloud(environment, resources);
    List<String> vaultIds = named.require(vaults);
    return new SessionPlan(
        agent,
        new SessionRecord.SessionEnvironment(
            environment.id(), Json.tree((Object) environment.config())),
        title,
        metadata,
        resources,
        vaultIds,
        initialEvents,
        files,
        budget,
        models.prices(agent.model().id()).orElse(null));
  }

  private SessionAgent agent(SessionAgentRules.Selection selection) {
    Agent agent = find(selection.id(), selection.version());
    if (agent.archivedAt() != null) {
      throw new ApiException(
          ApiError.invalid(
              "`agent` is "
                  + agent.id()
                  + ", but this agent is archived and takes no new"
                  + " sessions."));
    }
    SessionAgent snapshot = SessionAgent.of(agent, this::member);
    JsonNode overrides = selection.overrides();
    return overrides == null ? snapshot : SessionAgentRules.withOverrides(snapshot, overrides);
  }

  private Agent member(Multiagent.AgentReference reference) {
    return find(reference.id(), reference.version());
  }

  private Agent find(String id, @Nullable Integer version) {
    return agents
        .find(id, version)
        .orElseThrow(() ->
            new ApiException(
                ApiError.notFound(
                    "There is no agent "
                        + id
                        + (version == null ? "." : " with version " + version + "."))));
  }

  private Environment environment(String id) {
    Environment environment =
        environments
            .apply(id)
            .orElseThrow(
                () -> new ApiException(ApiError.notFound("There is no environment " + id + ".")));
    if (environment.archivedAt() != null) {
      throw new ApiException(
          ApiError.invalid(
              "`environment_id` is "
                  + id
                  + ", but this environment is archived and takes no new"
                  + " sessions."));
    }
    return environment;
  }

  private static void requireCloud(Environment environment, List<ResourceRequest> resources) {
    if (environment.config() instanceof SelfHostedConfig && !resources.isEmpty()) {
      throw new ApiException(
          ApiError.invalid(
              "`resources[0]`: the environment "
                  + environment.id()
                  + " is self-hosted: its sandboxes are not made here, so files and repositories"
                  + " cannot be mounted in them."));
    }
  }
}
