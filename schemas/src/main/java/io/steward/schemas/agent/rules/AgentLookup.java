package io.steward.schemas.agent.rules;

import io.steward.schemas.agent.Agent;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds the agents a roster names. `archived_at` of what it returns is the agent's, whichever
/// version it is.
@FunctionalInterface
public interface AgentLookup {
  /// Knows no agent.
  AgentLookup NONE = (_, _) -> Optional.empty();

  /// @param version null for the newest
  Optional<Agent> find(String id, @Nullable Integer version);

  /// What a request may ask a lookup for.
  ///
  /// @param version null for the newest
  record Wanted(String id, @Nullable Integer version) {}
}
