package io.steward.vaultproxy.call;

import io.steward.schemas.id.SessionId;

/// A call by its id.
///
/// @param toolUseId of the event that asks for it; at most one call ever has it
public record Call(String toolUseId, SessionId sessionId, String workspaceId) {}
