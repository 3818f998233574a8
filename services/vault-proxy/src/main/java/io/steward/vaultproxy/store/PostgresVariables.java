package io.steward.vaultproxy.store;

import static io.steward.vaultproxy.postgres.Transactions.prepare;

import com.google.crypto.tink.Aead;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.seal.DataKeys;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.OpenCredential;
import io.steward.vaultproxy.vault.SecretField;
import io.steward.vaultproxy.vault.SecretValue;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Credentials that sandboxes have as variables, with their secrets in clear, for those who put
/// these into requests. They are read anew each time, so what was rotated or archived counts at
/// once. While the database does not answer, every method throws
/// [io.steward.schemas.kafka.DependencyAwayException].
public final class PostgresVariables {
  private static final String OPEN =
      "SELECT c.id, c.vault_id, c.auth, c.display_name, c.metadata, c.created_at, c.updated_at,"
          + " c.archived_at, v.data_key, v.placeholder_salt, s.field, s.ciphertext"
          + " FROM vault_proxy.vault_credential c"
          + " JOIN vault_proxy.vaults v ON v.id = c.vault_id"
          + " JOIN vault_proxy.vault_secret s ON s.credential_id = c.id"
          + " WHERE v.workspace_id = ? AND c.vault_id = ANY (?)"
          + " AND c.archived_at IS NULL AND v.archived_at IS NULL"
          + " AND c.auth->>'type' IN ('environment_variable', 'x_aws_sigv4', 'x_hmac')"
          + " ORDER BY array_position(?, c.vault_id), c.id";

  private final Transactions transactions;
  private final DataKeys keys;

  public PostgresVariables(Transactions transactions, DataKeys keys) {
    this.transactions = transactions;
    this.keys = keys;
  }

  /// @param salt of the vault, for placeholders
  public record Variable(String salt, OpenCredential credential) {}

  /// Those of these vaults that are not archived. Of two with the same name the one in the first of
  /// the vaults counts.
  ///
  /// @throws io.steward.schemas.http.ApiException 503 when this instance cannot open a data key
  public List<Variable> of(String workspaceId, List<String> vaultIds) {
    return transactions.call(connection -> {
      Object vaults = connection.createArrayOf("text", vaultIds.toArray());
      Map<String, Variable> byId = new LinkedHashMap<>();
      Map<String, Aead> opened = new HashMap<>();
      try (PreparedStatement select = prepare(connection, OPEN, workspaceId, vaults, vaults);
          ResultSet row = select.executeQuery()) {
        while (row.next()) {
          byId.merge(row.getString("id"), variable(row, opened), PostgresVariables::joined);
        }
      }
      Set<String> taken = new HashSet<>();
      return byId.values().stream()
          .filter(variable -> taken.addAll(variable.credential().credential().auth().variables()))
          .toList();
    });
  }

  /// The same credential with the secrets of both.
  private static Variable joined(Variable one, Variable other) {
    Map<SecretField, SecretValue> secrets = new HashMap<>(one.credential().secrets());
    secrets.putAll(other.credential().secrets());
    return new Variable(one.salt(), new OpenCredential(one.credential().credential(), secrets));
  }

  /// @param opened data keys by vault
  private Variable variable(ResultSet row, Map<String, Aead> opened) throws SQLException {
    Credential credential = PostgresCredentials.credential(row);
    String vaultId = credential.vaultId();
    Aead dataKey = opened.get(vaultId);
    if (dataKey == null) {
      dataKey = keys.open(vaultId, row.getBytes("data_key"));
      opened.put(vaultId, dataKey);
    }
    SecretField field = SecretField.ofWireName(row.getString("field"));
    SecretValue secret =
        new SecretRows(dataKey, vaultId, credential.id()).opened(field, row.getBytes("ciphertext"));
    return new Variable(
        row.getString("placeholder_salt"), new OpenCredential(credential, Map.of(field, secret)));
  }
}
