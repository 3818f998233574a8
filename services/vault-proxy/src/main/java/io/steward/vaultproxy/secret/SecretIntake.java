package io.steward.vaultproxy.secret;

import io.steward.schemas.secret.SealedSecret;
import io.steward.vaultproxy.seal.SealBrokenException;
import io.steward.vaultproxy.seal.VaultKeys;
import java.util.Arrays;

/// Takes sealed secrets in: opened, encrypted again for the database, overwritten.
public final class SecretIntake {
  private final VaultKeys keys;
  private final Secrets secrets;

  public SecretIntake(VaultKeys keys, Secrets secrets) {
    this.keys = keys;
    this.secrets = secrets;
  }

  /// Taking the same secret in twice is no different from once.
  ///
  /// @throws SealBrokenException when it cannot be opened
  /// @throws io.steward.schemas.kafka.DependencyAwayException when it could not be kept; nothing is
  ///   lost
  public void take(SealedSecret sealed) throws SealBrokenException {
    byte[] plaintext = keys.open(sealed);
    try {
      secrets.keep(sealed, plaintext);
    } finally {
      Arrays.fill(plaintext, (byte) 0);
    }
  }
}
