package io.steward.vaultproxy.transport;

import io.steward.vaultproxy.audit.CredentialUser;
import io.steward.vaultproxy.vault.AccessTokens;
import java.util.List;

/// Where tokens for a server come from, and who uses them.
///
/// @param vaultIds where they are looked for
/// @param serverUrl as the agent has it
public record ServerTokens(
    AccessTokens source, List<String> vaultIds, String serverUrl, CredentialUser user) {
  public ServerTokens {
    vaultIds = List.copyOf(vaultIds);
  }
}
