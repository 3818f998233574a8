package io.steward.vaultproxy.store;

import static io.steward.vaultproxy.postgres.Transactions.prepare;
import static io.steward.vaultproxy.postgres.Transactions.update;
import static io.steward.vaultproxy.store.VaultRows.json;

import io.steward.schemas.http.ApiException;
import io.steward.schemas.json.Json;
import io.steward.vaultproxy.outbox.PostgresOutbox;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.seal.DataKeys;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.CredentialAuth;
import io.steward.vaultproxy.vault.CredentialChange;
import io.steward.vaultproxy.vault.CredentialRules;
import io.steward.vaultproxy.vault.ListPosition;
import io.steward.vaultproxy.vault.SecretField;
import io.steward.vaultproxy.vault.SecretValue;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The credentials of vaults. What others have to know of a change is put into the outbox with it.
/// While the database does not answer, every method throws
/// [io.steward.schemas.kafka.DependencyAwayException]; when there is no such vault, an
/// [ApiException] 404.
public final class PostgresCredentials {
  private static final String UNIQUE_VIOLATION = "23505";
  private static final String SELECT =
      "SELECT id, vault_id, auth, display_name, metadata, created_at, updated_at, archived_at"
          + " FROM vault_proxy.vault_credential WHERE vault_id = ?";

  private final Transactions transactions;
  private final DataKeys keys;

  public PostgresCredentials(Transactions transactions, DataKeys keys) {
    this.transactions = transactions;
    this.keys = keys;
  }

  /// Keeps a new credential and its secrets.
  ///
  /// @throws ApiException 409 when another active credential of the vault is for the same, 400 when
  ///   the vault is archived or full
  public Credential create(CredentialChange fresh) {
    Credential credential = fresh.credential();
    return transactions.call(connection -> {
      byte[] dataKey = VaultRows.lock(connection, credential.vaultId()).activeKey();
      requireRoom(connection, credential);
      insert(connection, credential);
      secrets(credential, dataKey).keep(connection, fresh.secrets());
      announce(connection, credential);
      return credential;
    });
  }

  /// Others know which variables a vault has.
  private static void announce(Connection connection, Credential credential) throws SQLException {
    if (credential.auth().inSandboxes()) {
      PostgresOutbox.add(connection, credential.vaultId());
    }
  }

  private static void requireRoom(Connection connection, Credential credential)
      throws SQLException {
    List<CredentialAuth> active = new ArrayList<>();
    try (PreparedStatement select =
            prepare(
                connection,
                "SELECT auth FROM vault_proxy.vault_credential"
                    + " WHERE vault_id = ? AND archived_at IS NULL",
                credential.vaultId());
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        active.add(auth(row));
      }
    }
    CredentialRules.requireFree(credential, active);
    CredentialRules.requireRoom(credential.vaultId(), active.size());
  }

  private static void insert(Connection connection, Credential credential) throws SQLException {
    try {
      update(
          connection,
          "INSERT INTO vault_proxy.vault_credential (id, vault_id, purpose, auth, display_name,"
              + " metadata, created_at, updated_at)"
              + " VALUES (?, ?, ?, ?::json, ?, ?::json, ?, ?)",
          credential.id(),
          credential.vaultId(),
          credential.auth().purpose().text(),
          json(credential.auth()),
          credential.displayName(),
          json(credential.metadata()),
          credential.createdAt(),
          credential.updatedAt());
    } catch (SQLException e) {
      if (UNIQUE_VIOLATION.equals(e.getSQLState())) {
        throw CredentialRules.taken(credential, credential.auth().purpose());
      }
      throw e;
    }
  }

  /// @throws ApiException 404 when the vault has no such credential
  public Credential find(String vaultId, String id) {
    return transactions.call(connection -> {
      VaultRows.find(connection, vaultId);
      return existing(connection, vaultId, id);
    });
  }

  /// Up to `count` credentials of a vault, newest first.
  ///
  /// @param after the last credential of the page before, or null for the first page
  public List<Credential> list(
      String vaultId, boolean includeArchived, @Nullable ListPosition after, int count) {
    Listing listing = new Listing(SELECT, vaultId);
    return transactions.call(connection -> {
      VaultRows.find(connection, vaultId);
      try (PreparedStatement select =
              prepare(
                  connection,
                  listing.sql(includeArchived, after),
                  listing.parameters(after, count));
          ResultSet row = select.executeQuery()) {
        List<Credential> credentials = new ArrayList<>();
        while (row.next()) {
          credentials.add(credential(row));
        }
        return credentials;
      }
    });
  }

  /// Applies a change under the lock of the vault's row.
  ///
  /// @param change gives the same object and no secrets when nothing changes
  /// @throws ApiException 404 when the vault has no such credential, or what the change refuses
  ///   with
  public Credential change(
      String vaultId, String id, Function<Credential, CredentialChange> change) {
    return transactions.call(connection -> {
      VaultRows.Locked vault = VaultRows.lock(connection, vaultId);
      Credential current = existing(connection, vaultId, id);
      CredentialChange changed = change.apply(current);
      Credential next = changed.credential();
      if (next == current) {
        return current;
      }
      update(
          connection,
          "UPDATE vault_proxy.vault_credential SET auth = ?::json, display_name = ?,"
              + " metadata = ?::json, updated_at = ? WHERE id = ?",
          json(next.auth()),
          next.displayName(),
          json(next.metadata()),
          next.updatedAt(),
          id);
      secrets(next, vault.activeKey()).keep(connection, changed.secrets());
      return next;
    });
  }

  /// Archives a credential and destroys its secrets. Nothing changes when it is archived already.
  ///
  /// @throws ApiException 404 when the vault has no such credential
  public Credential archive(String vaultId, String id, Instant now) {
    return transactions.call(connection -> {
      VaultRows.lock(connection, vaultId);
      Credential current = existing(connection, vaultId, id);
      if (current.archivedAt() != null) {
        return current;
      }
      update(connection, "DELETE FROM vault_proxy.vault_secret WHERE credential_id = ?", id);
      update(
          connection,
          "UPDATE vault_proxy.vault_credential SET archived_at = ?, updated_at = ? WHERE id = ?",
          now,
          now,
          id);
      announce(connection, current);
      return current.archived(now);
    });
  }

  /// Removes a credential and its secrets.
  ///
  /// @return what was removed
  /// @throws ApiException 404 when the vault has no such credential
  public Credential delete(String vaultId, String id) {
    return transactions.call(connection -> {
      VaultRows.lock(connection, vaultId);
      Credential current = existing(connection, vaultId, id);
      update(connection, "DELETE FROM vault_proxy.vault_credential WHERE id = ?", id);
      announce(connection, current);
      return current;
    });
  }

  /// A secret of a credential; empty when it has none of that name, or is archived.
  ///
  /// @throws ApiException 404 when there is no such vault
  public Optional<SecretValue> secret(String vaultId, String id, SecretField field) {
    return transactions.call(connection -> {
      VaultRows.Locked vault = VaultRows.lock(connection, vaultId);
      byte[] dataKey = vault.dataKey();
      return dataKey == null
          ? Optional.empty()
          : secrets(existing(connection, vaultId, id), dataKey).find(connection, field);
    });
  }

  private SecretRows secrets(Credential credential, byte[] dataKey) {
    return new SecretRows(
        keys.open(credential.vaultId(), dataKey), credential.vaultId(), credential.id());
  }

  private static Credential existing(Connection connection, String vaultId, String id)
      throws SQLException {
    try (PreparedStatement select = prepare(connection, SELECT + " AND id = ?", vaultId, id);
        ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        throw CredentialRules.missing(vaultId, id);
      }
      return credential(row);
    }
  }

  private static CredentialAuth auth(ResultSet row) throws SQLException {
    return Json.read(row.getString("auth").getBytes(StandardCharsets.UTF_8), CredentialAuth.class);
  }

  static Credential credential(ResultSet row) throws SQLException {
    return new Credential(
        row.getString("id"),
        row.getString("vault_id"),
        auth(row),
        row.getString("display_name"),
        VaultRows.metadata(row.getString("metadata")),
        VaultRows.instant(row, "created_at"),
        VaultRows.instant(row, "updated_at"),
        VaultRows.optionalInstant(row, "archived_at"));
  }
}
