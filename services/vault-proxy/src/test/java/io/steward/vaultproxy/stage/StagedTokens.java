package io.steward.vaultproxy.stage;

import io.steward.vaultproxy.vault.AccessToken;
import io.steward.vaultproxy.vault.AccessTokens;
import io.steward.vaultproxy.vault.SecretValue;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One token for all servers, and one for after it was refused.
public final class StagedTokens implements AccessTokens {
  private volatile @Nullable String current;
  private volatile @Nullable String next;
  private volatile int refusals;

  public void have(@Nullable String token) {
    current = token;
  }

  public void haveAfterRefusal(String token) {
    next = token;
  }

  public int refusals() {
    return refusals;
  }

  @Override
  public Optional<AccessToken> find(List<String> vaultIds, String serverUrl) {
    return Optional.ofNullable(current).map(StagedTokens::token);
  }

  @Override
  public synchronized Optional<AccessToken> afterRefusal(AccessToken refused) {
    refusals++;
    return Optional.ofNullable(next).map(StagedTokens::token);
  }

  private static AccessToken token(String text) {
    return new AccessToken("vlt_1", "vcrd_1", new SecretValue(text), false);
  }
}
