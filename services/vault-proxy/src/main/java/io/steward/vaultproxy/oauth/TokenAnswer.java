package io.steward.vaultproxy.oauth;

import io.steward.vaultproxy.vault.GrantedTokens;
import org.jspecify.annotations.Nullable;

/// What came of asking a token endpoint.
sealed interface TokenAnswer {
  record Granted(GrantedTokens tokens) implements TokenAnswer {}

  /// @param sentence why, without anything the endpoint wrote
  /// @param refused whether the endpoint said no: it will say so again
  /// @param response what it answered, or null when it did not
  record NotGranted(String sentence, boolean refused, @Nullable HttpReport response)
      implements TokenAnswer {}
}
