package io.steward.schemas.agent;

import org.jspecify.annotations.Nullable;

/// Which model an agent uses and how. Source: contract/core.md §2.5.
///
/// @param id the model's name, 1–256 characters; any name is allowed
/// @param effort how much the model thinks
/// @param inferenceGeo `us` or `global`, or null when the agent is not pinned to a place
/// @param speed `standard` or `fast`
public record ModelConfig(String id, Effort effort, @Nullable String inferenceGeo, String speed) {

  /// @param type `low`, `medium`, `high`, `xhigh` or `max`
  public record Effort(String type) {}
}
