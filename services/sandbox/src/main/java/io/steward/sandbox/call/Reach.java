package io.steward.sandbox.call;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.sandbox.SandboxNetwork;

/// What a command lets its sandbox reach.
///
/// @param order of the command among all of this service, growing
/// @param environmentConfig `config` of the environment, which a new sandbox keeps
/// @param network what the session adds; a later command may change it
record Reach(long order, String workspaceId, JsonNode environmentConfig, SandboxNetwork network) {}
