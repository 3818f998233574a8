package io.steward.vaultproxy.oauth;

import io.steward.vaultproxy.vault.OpenCredential;
import org.jspecify.annotations.Nullable;

/// What came of the wish for another access token.
sealed interface Refreshed {
  /// The credential as it is stored by now.
  ///
  /// @param asked whether its endpoint granted that, rather than somebody having replaced the token
  record Fresh(OpenCredential credential, boolean asked) implements Refreshed {}

  /// There is no other token.
  ///
  /// @param refused whether the endpoint said no
  /// @param response what it answered, or null when it did not
  record Failed(String sentence, boolean refused, @Nullable HttpReport response)
      implements Refreshed {}

  /// The credential was archived or deleted.
  record Gone() implements Refreshed {}
}
