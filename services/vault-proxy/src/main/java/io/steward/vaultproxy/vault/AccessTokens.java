package io.steward.vaultproxy.vault;

import java.util.List;
import java.util.Optional;

/// The tokens of MCP servers. Asked before every request, so that a credential that was changed
/// counts from the next one on. Its methods may wait, and may be called from any thread. While the
/// database does not answer, they throw [io.steward.schemas.kafka.DependencyAwayException].
public interface AccessTokens {
  /// The token for a server: that of the first vault with a credential for it. Empty when none of
  /// them has one.
  ///
  /// @param vaultIds in the order of the session; vaults that are gone do not count
  /// @param serverUrl as the agent has it
  Optional<AccessToken> find(List<String> vaultIds, String serverUrl);

  /// Another token of the same credential, after the server answered 401 to `refused`. Empty when
  /// there is none: then access is refused.
  Optional<AccessToken> afterRefusal(AccessToken refused);
}
