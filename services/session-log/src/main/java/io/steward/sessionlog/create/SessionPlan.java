package io.steward.sessionlog.create;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.agent.Agent;
import io.steward.schemas.agent.Environment;
import io.steward.schemas.agent.Multiagent;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.agent.rules.AgentLookup;
import io.steward.schemas.agent.rules.MetadataRules;
import io.steward.schemas.agent.rules.SessionAgentRules;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.record.SessionRecord;
import io.steward.sessionlog.http.Field;
import io.steward.sessionlog.send.EventParser;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Turns a request for a session into its first record, or refuses it. Source: contract/core.md
/// §5.2–§5.4.
///
/// @param agents finds agents
/// @param environments finds environments
record SessionPlan(AgentLookup agents, Function<String, Optional<Environment>> environments) {
  /// How long a title may be, in characters.
  static final int TITLE_CHARS_MAX = 1_024;

  private static final int ID_CHARS_MAX = 255;
  private static final int VAULTS_MAX = 100;
  private static final EventParser EVENTS = EventParser.create();

  SessionRecord.Created created(ObjectNode body, SessionId id, Instant now) {
    Field root = new Field("", body);
    SessionAgentRules.Selection selection = SessionAgentRules.selection(body);
    String environmentId = root.field("environment_id").text(1, ID_CHARS_MAX);
    String title = root.field("title").optionalText(TITLE_CHARS_MAX);
    var metadata = MetadataRules.create(body);
    requireNone(root.field("resources"), "resources are not supported by this server yet");
    refuseBudget(root.field("budget"));
    var initialEvents = EVENTS.initial(body);
    SessionAgent agent = agent(selection);
    Environment environment = environment(environmentId);
    EnvironmentFit.require(agent, environment.config());
    refuseVaults(root.field("vault_ids"));
    return new SessionRecord.Created(
        id,
        Envelope.DEFAULT_WORKSPACE,
        agent,
        new SessionRecord.SessionEnvironment(environment.id(), config(environment)),
        title,
        metadata,
        List.of(),
        List.of(),
        initialEvents,
        now);
  }

  private static JsonNode config(Environment environment) {
    return Json.tree((Object) environment.config());
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

  private static void requireNone(Field field, String sentence) {
    if (!field.absent() && !field.elements(0, Integer.MAX_VALUE).isEmpty()) {
      throw new ApiException(ApiError.invalid("`" + field.path() + "`: " + sentence + "."));
    }
  }

  private static void refuseBudget(Field budget) {
    if (!budget.absent()) {
      throw new ApiException(
          ApiError.invalid("`budget`: budgets are not supported by this server yet."));
    }
  }

  /// There are no vaults yet, so every id is unknown.
  private static void refuseVaults(Field vaultIds) {
    if (vaultIds.absent()) {
      return;
    }
    List<Field> vaults = vaultIds.elements(0, VAULTS_MAX);
    if (!vaults.isEmpty()) {
      throw new ApiException(
          ApiError.notFound("There is no vault " + vaults.getFirst().text(1, ID_CHARS_MAX) + "."));
    }
  }
}
