package io.steward.vaultproxy;

import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.seal.DataKeys;
import io.steward.vaultproxy.seal.KeyEncryptionKey;
import io.steward.vaultproxy.store.PostgresCredentials;
import io.steward.vaultproxy.store.PostgresVaults;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.time.ZoneOffset;
import javax.sql.DataSource;

/// Parts that more than one other part needs.
@Singleton
class Beans {
  /// @throws IllegalStateException with one sentence when there is none, or it cannot be used
  @Produces
  @Singleton
  KeyEncryptionKey keyEncryptionKey(VaultSettings settings) {
    Path file =
        settings
            .kekFile()
            .orElseThrow(() ->
                new IllegalStateException(
                    "steward.vault.kek-file (STEWARD_VAULT_KEK_FILE) is not set: it names the"
                        + " file with the key-encryption key, 32 random bytes in base64, and"
                        + " without it no secret can be kept."));
    return KeyEncryptionKey.read(file);
  }

  @Produces
  @Singleton
  DataKeys dataKeys(KeyEncryptionKey kek) {
    return new DataKeys(kek);
  }

  @Produces
  @Singleton
  PostgresVaults vaults(DataSource database, DataKeys keys) {
    return new PostgresVaults(new Transactions(database), keys);
  }

  @Produces
  @Singleton
  PostgresCredentials credentials(DataSource database, DataKeys keys) {
    return new PostgresCredentials(new Transactions(database), keys);
  }

  /// Whole milliseconds, as the API shows moments and as lists are ordered.
  @Produces
  @Singleton
  InstantSource clock() {
    return Clock.tickMillis(ZoneOffset.UTC);
  }
}
