package io.steward.vaultproxy.seal;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.SQLException;

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

  /// A fresh key, to be kept in the transaction of `connection`. Until that ends the key-encryption
  /// key is not retired.
  ///
  /// @throws ApiException 503 when there is no key-encryption key, or this instance has not read
  ///   the one that replaced it yet
  public byte[] fresh(Connection connection, String vaultId) throws SQLException {
    try {
      KeysetHandle key = KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM);
      byte[] kept = kek.wrap(key, context(vaultId));
      if (WrappingKeys.isRetired(connection, KeyRing.wrapper(kept))) {
        kept = kek.wrap(key, context(vaultId)); // It may have been replaced just now.
        WrappingKeys.requireNotRetired(connection, KeyRing.wrapper(kept));
      }
      return kept;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// What encrypts the secrets of the vault: AES-256-GCM.
  ///
  /// @param kept what [#fresh(Connection, String)] returned for this vault
  /// @throws ApiException 503 when there is no key-encryption key, or it was encrypted with one
  ///   that this instance does not have (yet)
  /// @throws IllegalStateException when it is the key of another vault, or was changed
  public Aead open(String vaultId, byte[] kept) {
    try {
      return kek.unwrap(kept, context(vaultId))
          .getPrimitive(RegistryConfiguration.get(), Aead.class);
    } catch (KeyRing.UnknownKeyException e) {
      throw new ApiException(
          ApiError.unavailable(
              "The data key of vault "
                  + vaultId
                  + " is encrypted with the key-encryption key "
                  + e.getMessage()
                  + ", which is not in steward.vault.key-file of this instance."));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the data key of vault " + vaultId + " does not open", e);
    }
  }

  /// What the data key of a vault is bound to.
  static byte[] context(String vaultId) {
    return String.join("\n", "steward vault data key", vaultId).getBytes(StandardCharsets.UTF_8);
  }
}
