package io.steward.vaultproxy.store;

import static io.steward.vaultproxy.postgres.Transactions.prepare;
import static io.steward.vaultproxy.postgres.Transactions.update;
import static io.steward.vaultproxy.store.VaultRows.json;

import io.steward.schemas.http.ApiException;
import io.steward.schemas.kafka.Envelope;
import io.steward.vaultproxy.outbox.PostgresOutbox;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.seal.DataKeys;
import io.steward.vaultproxy.vault.ListPosition;
import io.steward.vaultproxy.vault.Vault;
import io.steward.vaultproxy.vault.VaultRules;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The vaults of the workspace. What others have to know of a change is put into the outbox with
/// it. While the database does not answer, every method throws
/// [io.steward.schemas.kafka.DependencyAwayException].
public final class PostgresVaults {
  private final Transactions transactions;
  private final DataKeys keys;

  public PostgresVaults(Transactions transactions, DataKeys keys) {
    this.transactions = transactions;
    this.keys = keys;
  }

  /// Keeps a new vault, with a data key of its own.
  ///
  /// @throws ApiException 503 when there is no key-encryption key to keep it with
  public Vault create(Vault vault) {
    return transactions.call(connection -> {
      update(
          connection,
          "INSERT INTO vault_proxy.vaults (id, workspace_id, display_name, metadata, created_at,"
              + " updated_at, data_key) VALUES (?, ?, ?, ?::json, ?, ?, ?)",
          vault.id(),
          Envelope.DEFAULT_WORKSPACE,
          vault.displayName(),
          json(vault.metadata()),
          vault.createdAt(),
          vault.updatedAt(),
          keys.fresh(connection, vault.id()));
      PostgresOutbox.add(connection, vault.id());
      return vault;
    });
  }

  /// @throws ApiException 404 when there is no such vault
  public Vault find(String id) {
    return transactions.call(connection -> VaultRows.find(connection, id));
  }

  /// Up to `count` vaults, newest first.
  ///
  /// @param after the last vault of the page before, or null for the first page
  public List<Vault> list(boolean includeArchived, @Nullable ListPosition after, int count) {
    Listing listing =
        new Listing(
            "SELECT " + VaultRows.COLUMNS + " FROM vault_proxy.vaults WHERE workspace_id = ?",
            Envelope.DEFAULT_WORKSPACE);
    return transactions.call(connection -> {
      try (PreparedStatement select =
              prepare(
                  connection,
                  listing.sql(includeArchived, after),
                  listing.parameters(after, count));
          ResultSet row = select.executeQuery()) {
        List<Vault> vaults = new ArrayList<>();
        while (row.next()) {
          vaults.add(VaultRows.vault(row));
        }
        return vaults;
      }
    });
  }

  /// Applies a change under the lock of the vault's row.
  ///
  /// @param change gives the same object when nothing changes
  /// @throws ApiException 404 when there is no such vault, or what the change refuses with
  public Vault change(String id, UnaryOperator<Vault> change) {
    return transactions.call(connection -> {
      Vault current = VaultRows.lock(connection, id).vault();
      Vault next = change.apply(current);
      if (next != current) {
        update(
            connection,
            "UPDATE vault_proxy.vaults SET display_name = ?, metadata = ?::json, updated_at = ?"
                + " WHERE id = ?",
            next.displayName(),
            json(next.metadata()),
            next.updatedAt(),
            id);
      }
      return next;
    });
  }

  /// Archives a vault and its credentials, and destroys their secrets and its data key. Nothing
  /// changes when it is archived already.
  ///
  /// @throws ApiException 404 when there is no such vault
  public Vault archive(String id, Instant now) {
    return transactions.call(connection -> {
      Vault current = VaultRows.lock(connection, id).vault();
      if (current.archivedAt() != null) {
        return current;
      }
      update(
          connection,
          "DELETE FROM vault_proxy.vault_secret WHERE credential_id IN"
              + " (SELECT id FROM vault_proxy.vault_credential WHERE vault_id = ?)",
          id);
      update(
          connection,
          "UPDATE vault_proxy.vault_credential SET archived_at = ?, updated_at = ?"
              + " WHERE vault_id = ? AND archived_at IS NULL",
          now,
          now,
          id);
      update(
          connection,
          "UPDATE vault_proxy.vaults SET archived_at = ?, updated_at = ?, data_key = NULL"
              + " WHERE id = ?",
          now,
          now,
          id);
      PostgresOutbox.add(connection, id);
      return current.archived(now);
    });
  }

  /// Removes a vault, its data key, its credentials and their secrets.
  ///
  /// @throws ApiException 404 when there is no such vault
  public void delete(String id) {
    int removed =
        transactions.call(connection -> {
          int rows =
              update(
                  connection,
                  "DELETE FROM vault_proxy.vaults WHERE id = ? AND workspace_id = ?",
                  id,
                  Envelope.DEFAULT_WORKSPACE);
          if (rows > 0) {
            PostgresOutbox.add(connection, id);
          }
          return rows;
        });
    if (removed == 0) {
      throw VaultRules.missing(id);
    }
  }
}
