package io.steward.vaultproxy.seal;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/// The data keys of vaults: each vault has its own, which is kept beside it, encrypted with the
/// key-encryption key and bound to the vault's id. Safe from any thread.
public final class DataKeys {
  private final KeyEncryptionKey kek;

  public DataKeys(KeyEncryptionKey kek) {
    this.kek = kek;
    try {
      AeadConfig.register();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A fresh key, as it is kept.
  public byte[] fresh(String vaultId) {
    try {
      return kek.wrap(
          KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM), context(vaultId));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// What encrypts the secrets of the vault: AES-256-GCM.
  ///
  /// @param kept what [#fresh(String)] returned for this vault
  /// @throws IllegalStateException when it is the key of another vault, or was encrypted with
  ///   another key-encryption key
  public Aead open(String vaultId, byte[] kept) {
    try {
      return kek.unwrap(kept, context(vaultId))
          .getPrimitive(RegistryConfiguration.get(), Aead.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the data key of vault " + vaultId + " does not open", e);
    }
  }

  private static byte[] context(String vaultId) {
    return String.join("\n", "steward vault data key", vaultId).getBytes(StandardCharsets.UTF_8);
  }
}
