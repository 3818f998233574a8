package io.steward.vaultproxy.store;

import static io.steward.vaultproxy.postgres.Transactions.prepare;
import static io.steward.vaultproxy.postgres.Transactions.update;

import com.google.crypto.tink.Aead;
import io.steward.vaultproxy.vault.SecretField;
import io.steward.vaultproxy.vault.SecretValue;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/// The rows of `vault_proxy.vault_secret` of one credential.
///
/// @param encryption with the data key of the vault
record SecretRows(Aead encryption, String vaultId, String credentialId) {
  /// Keeps secrets; those that are there already are replaced.
  void keep(Connection connection, Map<SecretField, SecretValue> secrets) throws SQLException {
    for (Map.Entry<SecretField, SecretValue> secret : secrets.entrySet()) {
      update(
          connection,
          "INSERT INTO vault_proxy.vault_secret (credential_id, field, ciphertext)"
              + " VALUES (?, ?, ?)"
              + " ON CONFLICT (credential_id, field) DO UPDATE SET ciphertext = excluded.ciphertext",
          credentialId,
          secret.getKey().wireName(),
          sealed(secret.getKey(), secret.getValue()));
    }
  }

  Optional<SecretValue> find(Connection connection, SecretField field) throws SQLException {
    try (PreparedStatement select =
            prepare(
                connection,
                "SELECT ciphertext FROM vault_proxy.vault_secret"
                    + " WHERE credential_id = ? AND field = ?",
                credentialId,
                field.wireName());
        ResultSet row = select.executeQuery()) {
      return row.next() ? Optional.of(opened(field, row.getBytes("ciphertext"))) : Optional.empty();
    }
  }

  private byte[] sealed(SecretField field, SecretValue secret) {
    try {
      return encryption.encrypt(secret.text().getBytes(StandardCharsets.UTF_8), context(field));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  SecretValue opened(SecretField field, byte[] ciphertext) {
    try {
      return new SecretValue(
          new String(encryption.decrypt(ciphertext, context(field)), StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(
          "the row of a secret of credential " + credentialId + " was changed from outside", e);
    }
  }

  private byte[] context(SecretField field) {
    return String.join("\n", "steward vault secret", vaultId, credentialId, field.wireName())
        .getBytes(StandardCharsets.UTF_8);
  }
}
