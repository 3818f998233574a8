package io.steward.vaultproxy.secret;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.secret.SealedSecret;
import io.steward.vaultproxy.seal.KeyEncryptionKey;
import io.steward.vaultproxy.seal.PostgresKeyStore;
import io.steward.vaultproxy.seal.SealBrokenException;
import io.steward.vaultproxy.seal.VaultKeys;
import io.steward.vaultproxy.stage.Database;
import io.steward.vaultproxy.stage.Sealing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// From the published key to the row in a real PostgreSQL and back.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SecretsAtRestTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final String CANARY = "ghp_canary";

  private final Path directory;
  private final Database database;
  private final VaultKeys keys;
  private final PostgresSecrets secrets;
  private final SecretIntake intake;
  private final SessionId session = SessionId.random(3);

  SecretsAtRestTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    database = Database.start();
    keys = keys(1);
    secrets = new PostgresSecrets(database.source(), keys.data(), InstantSource.fixed(NOW));
    intake = new SecretIntake(keys, secrets);
  }

  private VaultKeys keys(int kek) throws IOException {
    return VaultKeys.load(
        KeyEncryptionKey.read(Sealing.kek(directory, kek)),
        new PostgresKeyStore(database.source()),
        NOW);
  }

  @AfterAll
  void stop() throws IOException {
    database.close();
  }

  private Optional<String> found(Secrets in, String id, SessionId of) {
    return in.find(id, of)
        .map(secret -> {
          try (secret) {
            return secret.host() + " " + new String(secret.bytes(), StandardCharsets.UTF_8);
          }
        });
  }

  private SealedSecret sealed(String id) throws Exception {
    return Sealing.seal(keys.sealingKey(), id, session, "github.com", CANARY);
  }

  @Test
  void a_sealed_secret_is_kept_encrypted_and_found_by_its_own_session_only() throws Exception {
    intake.take(sealed("s1"));

    assertEquals(Optional.of("github.com " + CANARY), found(secrets, "s1", session));
    assertEquals(Optional.empty(), found(secrets, "s1", SessionId.random(3)));
    assertEquals(
        "f",
        database.ask(
            "SELECT position('canary' in encode(ciphertext, 'escape')) > 0"
                + " FROM vault_proxy.session_secret WHERE id = 's1'"));
  }

  @Test
  void the_same_id_is_kept_once() throws Exception {
    intake.take(sealed("s2"));
    intake.take(Sealing.seal(keys.sealingKey(), "s2", session, "github.com", "another"));

    assertEquals(Optional.of("github.com " + CANARY), found(secrets, "s2", session));
  }

  @Test
  void a_secret_moved_to_another_session_host_or_id_cannot_be_opened() throws Exception {
    SealedSecret own = sealed("s3");
    for (SealedSecret moved :
        new SealedSecret[] {
          moved(own, "s4", session, own.host()),
          moved(own, own.id(), SessionId.random(3), own.host()),
          moved(own, own.id(), session, "evil.example")
        }) {
      assertThrows(SealBrokenException.class, () -> intake.take(moved));
    }

    assertEquals(
        "0", database.ask("SELECT count(*) FROM vault_proxy.session_secret WHERE id = 's4'"));
    assertEquals(Optional.empty(), found(secrets, "s3", session));
  }

  private static SealedSecret moved(SealedSecret own, String id, SessionId session, String host) {
    return new SealedSecret(
        id, own.workspaceId(), session, own.keyId(), host, own.ciphertext(), own.createdAt());
  }

  @Test
  void a_row_that_was_edited_cannot_be_read() throws Exception {
    intake.take(sealed("s5"));
    database.execute("UPDATE vault_proxy.session_secret SET host = 'evil.example' WHERE id = 's5'");

    assertThrows(IllegalStateException.class, () -> secrets.find("s5", session));
  }

  @Test
  void a_restart_and_a_second_instance_have_the_same_keys() throws Exception {
    intake.take(sealed("s6"));

    VaultKeys again = keys(1);

    assertEquals(keys.sealingKey(), again.sealingKey());
    assertFalse(keys.sealingKey().publicKeyset().contains("Private"));
    Secrets other = new PostgresSecrets(database.source(), again.data(), InstantSource.fixed(NOW));
    assertEquals(Optional.of("github.com " + CANARY), found(other, "s6", session));
    new SecretIntake(again, other).take(sealed("s7"));
    assertEquals(Optional.of("github.com " + CANARY), found(secrets, "s7", session));
  }

  @Test
  void another_key_encryption_key_is_refused_with_a_sentence() {
    IllegalStateException refusal = assertThrows(IllegalStateException.class, () -> keys(2));

    assertEquals(
        "The keys in the database cannot be decrypted: they were encrypted with another"
            + " key-encryption key than those in steward.vault.key-file.",
        refusal.getMessage());
  }

  @Test
  void a_forgotten_session_has_no_secrets_and_gets_no_late_ones() throws Exception {
    SessionId gone = SessionId.random(1);
    intake.take(Sealing.seal(keys.sealingKey(), "s8", gone, "github.com", CANARY));

    secrets.forget(gone);
    secrets.forget(gone);
    intake.take(Sealing.seal(keys.sealingKey(), "s8", gone, "github.com", CANARY));

    assertTrue(secrets.isForgotten(gone));
    assertFalse(secrets.isForgotten(session));
    assertEquals(Optional.empty(), found(secrets, "s8", gone));
  }

  @Test
  void a_secret_that_no_clone_has_used_for_long_is_removed() throws Exception {
    intake.take(sealed("s9"));
    intake.take(sealed("s10"));
    database.execute(
        "UPDATE vault_proxy.session_secret SET used_at = timestamptz '2025-12-01' WHERE id IN"
            + " ('s9', 's10')");
    assertEquals(Optional.of("github.com " + CANARY), found(secrets, "s10", session));

    try (SecretSweep sweep =
        new SecretSweep(secrets, Duration.ofDays(30), InstantSource.fixed(NOW))) {
      sweep.sweep();
    }

    assertEquals(Optional.empty(), found(secrets, "s9", session));
    assertEquals(Optional.of("github.com " + CANARY), found(secrets, "s10", session));
  }

  @Test
  void a_secret_is_never_printed_and_is_overwritten_when_closed() {
    Secret secret = new Secret("github.com", CANARY.getBytes(StandardCharsets.UTF_8));

    assertEquals("***", secret.toString());
    secret.close();
    assertEquals(0, secret.bytes()[0]);
  }
}
