package io.steward.vaultproxy.vault;

/// A token that may be sent to an MCP server, and the credential it is from.
///
/// @param refreshable whether a new one can be got when this one is refused
public record AccessToken(
    String vaultId, String credentialId, SecretValue token, boolean refreshable) {}
