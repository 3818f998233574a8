package io.steward.agentconfig.agents;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.Agent;
import io.steward.schemas.agent.rules.AgentLookup;
import io.steward.schemas.agent.rules.AgentRules;
import io.steward.schemas.model.ModelCatalog;
import java.time.Instant;
import java.util.List;

/// What a request does to an agent, decided under the agent's row lock.
sealed interface AgentChange {
  /// Other agents the decision may look at.
  List<AgentLookup.Wanted> references(Agent current);

  /// The agent as it shall be; the same object when nothing changes.
  Agent apply(Agent current, AgentLookup lookup, ModelCatalog catalog);

  record Patch(JsonNode body, Instant now) implements AgentChange {
    @Override
    public List<AgentLookup.Wanted> references(Agent current) {
      return AgentRules.references(body, current);
    }

    @Override
    public Agent apply(Agent current, AgentLookup lookup, ModelCatalog catalog) {
      return AgentRules.update(current, body, now, lookup, catalog);
    }
  }

  record Archive(Instant now) implements AgentChange {
    @Override
    public List<AgentLookup.Wanted> references(Agent current) {
      return List.of();
    }

    @Override
    public Agent apply(Agent current, AgentLookup lookup, ModelCatalog catalog) {
      return current.archivedAt() == null ? current.withArchivedAt(now) : current;
    }
  }
}
