package io.steward.vaultproxy.seal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.secret.PostgresSecrets;
import io.steward.vaultproxy.stage.Database;
import io.steward.vaultproxy.stage.Sealing;
import io.steward.vaultproxy.store.PostgresCredentials;
import io.steward.vaultproxy.store.PostgresVaults;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.CredentialChange;
import io.steward.vaultproxy.vault.CredentialRules;
import io.steward.vaultproxy.vault.SecretField;
import io.steward.vaultproxy.vault.Vault;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/// A service without a key-encryption key, on a database that another one has filled.
class ReadOnlyTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private static CredentialChange bearer(String id, Vault vault) {
    return CredentialRules.create(
        Json.tree(
            ("{\"auth\":{\"type\":\"static_bearer\",\"token\":\"t\","
                    + "\"mcp_server_url\":\"https://a.example/"
                    + id
                    + "\"}}")
                .getBytes(StandardCharsets.UTF_8)),
        id,
        vault.id(),
        NOW);
  }

  private static Vault vault(String id) {
    return new Vault(id, "Ada", Map.of(), NOW, NOW, null);
  }

  private static void assertRefused(Executable request) {
    ApiException refusal = assertThrows(ApiException.class, request);
    assertEquals(503, refusal.error().status());
    assertEquals(
        "Secrets can be neither kept nor used: vault-proxy started without a key-encryption key"
            + " (STEWARD_VAULT_KEY_FILE) and is read-only until it starts with one.",
        refusal.error().message());
  }

  @Test
  void vaults_are_read_and_removed_but_no_secret_is_kept_or_used(@TempDir Path directory)
      throws Exception {
    try (Database database = Database.start()) {
      Transactions transactions = new Transactions(database.source());
      DataKeys keys = new DataKeys(KeyEncryptionKey.read(Sealing.kek(directory, 1)));
      Vault vault = new PostgresVaults(transactions, keys).create(vault("vlt_1"));
      Credential credential =
          new PostgresCredentials(transactions, keys).create(bearer("vcrd_1", vault));

      KeyEncryptionKey absent = KeyEncryptionKey.of(Optional.empty());
      PostgresVaults vaults = new PostgresVaults(transactions, new DataKeys(absent));
      PostgresCredentials credentials = new PostgresCredentials(transactions, new DataKeys(absent));
      PostgresSecrets secrets =
          new PostgresSecrets(database.source(), null, InstantSource.fixed(NOW));

      assertEquals(List.of(vault), vaults.list(false, null, 10));
      assertEquals(vault, vaults.find("vlt_1"));
      assertEquals(List.of(credential), credentials.list("vlt_1", false, null, 10));
      assertRefused(() -> vaults.create(vault("vlt_2")));
      assertRefused(() -> credentials.create(bearer("vcrd_2", vault("vlt_1"))));
      assertRefused(() -> credentials.secret("vlt_1", "vcrd_1", SecretField.TOKEN));
      assertRefused(() -> secrets.find("s1", SessionId.random(1)));
      assertFalse(secrets.isForgotten(SessionId.random(1)));
      credentials.delete("vlt_1", "vcrd_1");
      vaults.archive("vlt_1", NOW);

      try (KeyRotation rotation =
          new KeyRotation(absent, new WrappingKeys(database.source()), directory)) {
        rotation.start();
        assertTrue(rotation.isReadOnly());
        assertFalse(Files.exists(directory.resolve(KeyRotation.REPORT)));
      }
    }
  }
}
