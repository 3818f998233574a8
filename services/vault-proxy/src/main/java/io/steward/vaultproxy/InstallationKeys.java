package io.steward.vaultproxy;

import io.steward.schemas.vault.SandboxAuthority;
import io.steward.vaultproxy.ca.CertificateAuthority;
import io.steward.vaultproxy.ca.PostgresAuthorityStore;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.seal.KeyEncryptionKey;
import io.steward.vaultproxy.seal.PostgresKeyStore;
import io.steward.vaultproxy.seal.VaultKeys;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// What all instances share and only those with a key-encryption key can open. Loaded once, by
/// whoever asks first while the service starts.
@Singleton
class InstallationKeys {
  private final KeyEncryptionKey kek;
  private final DataSource database;
  private final InstantSource clock;
  private @Nullable Opened opened;

  record Opened(VaultKeys keys, CertificateAuthority authority) {
    /// What sandboxes have to trust.
    SandboxAuthority forSandboxes() {
      return new SandboxAuthority(authority.certificatePem(), authority.createdAt());
    }
  }

  InstallationKeys(KeyEncryptionKey kek, DataSource database, InstantSource clock) {
    this.kek = kek;
    this.database = database;
    this.clock = clock;
  }

  /// Empty when there is no key-encryption key.
  ///
  /// @throws IllegalStateException with one sentence when they were encrypted with another key
  synchronized Optional<Opened> open() {
    if (opened == null && !kek.isAbsent()) {
      VaultKeys keys = VaultKeys.load(kek, new PostgresKeyStore(database), clock.instant());
      opened =
          new Opened(
              keys,
              CertificateAuthority.load(
                  keys.data(), new PostgresAuthorityStore(new Transactions(database)), clock));
    }
    return Optional.ofNullable(opened);
  }
}
