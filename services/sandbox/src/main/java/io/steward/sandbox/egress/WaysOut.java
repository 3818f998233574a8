package io.steward.sandbox.egress;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.id.SessionId;
import java.util.List;
import java.util.Optional;

/// Where ways out of sandboxes come from.
@FunctionalInterface
public interface WaysOut {
  /// For an installation without an egress proxy.
  WaysOut NONE = (_, _, _) -> Optional.empty();

  /// A way out for a new sandbox of `session`, or empty when it has none. May wait a few seconds.
  ///
  /// @param environmentConfig `config` of the session's environment
  /// @param vaultIds of the session, in its order
  Optional<WayOut> find(SessionId session, JsonNode environmentConfig, List<String> vaultIds);
}
