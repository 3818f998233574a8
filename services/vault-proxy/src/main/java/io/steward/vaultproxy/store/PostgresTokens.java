package io.steward.vaultproxy.store;

import static io.steward.vaultproxy.postgres.Transactions.prepare;
import static io.steward.vaultproxy.postgres.Transactions.update;
import static io.steward.vaultproxy.store.VaultRows.json;

import io.steward.schemas.kafka.Envelope;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.seal.DataKeys;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.CredentialChange;
import io.steward.vaultproxy.vault.GrantedTokens;
import io.steward.vaultproxy.vault.OpenCredential;
import io.steward.vaultproxy.vault.Purpose;
import io.steward.vaultproxy.vault.SecretField;
import io.steward.vaultproxy.vault.SecretValue;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Credentials with their secrets, for those who use them; and the lease that lets only one refresh
/// of a credential run at a time, in whatever instance. Nobody holds a connection meanwhile: the
/// lease is a column that ends by itself, by the clock of the database. While the database does not
/// answer, every method throws [io.steward.schemas.kafka.DependencyAwayException].
public final class PostgresTokens {
  private static final String OPEN =
      "SELECT c.id, c.vault_id, c.auth, c.display_name, c.metadata, c.created_at, c.updated_at,"
          + " c.archived_at, v.data_key, s.field, s.ciphertext"
          + " FROM vault_proxy.vault_credential c"
          + " JOIN vault_proxy.vaults v ON v.id = c.vault_id"
          + " JOIN vault_proxy.vault_secret s ON s.credential_id = c.id"
          + " WHERE v.workspace_id = ? AND c.archived_at IS NULL AND v.archived_at IS NULL";

  private final Transactions transactions;
  private final DataKeys keys;

  public PostgresTokens(Transactions transactions, DataKeys keys) {
    this.transactions = transactions;
    this.keys = keys;
  }

  /// Whether a refresh may begin.
  public sealed interface Start {
    /// It may: the lease is taken.
    record Begun(OpenCredential credential) implements Start {}

    /// There is nothing to do: the access token is another one by now.
    record Changed(OpenCredential credential) implements Start {}

    /// Another refresh is under way.
    record Busy() implements Start {}

    /// The credential was archived or deleted.
    record Gone() implements Start {}
  }

  private record Opened(OpenCredential credential, SecretRows rows) {}

  /// The credential for that purpose in the first of these vaults that has one. Vaults and
  /// credentials that are archived or deleted do not count.
  public Optional<OpenCredential> forPurpose(List<String> vaultIds, Purpose purpose) {
    return transactions.call(connection -> {
      Object vaults = connection.createArrayOf("text", vaultIds.toArray());
      return open(
              connection,
              " AND c.vault_id = ANY (?) AND c.purpose = ?"
                  + " ORDER BY array_position(?, c.vault_id), c.id",
              Envelope.DEFAULT_WORKSPACE,
              vaults,
              purpose.text(),
              vaults)
          .map(Opened::credential);
    });
  }

  /// The credential; empty when it was archived or deleted.
  public Optional<OpenCredential> find(String vaultId, String id) {
    return transactions.call(connection -> one(connection, vaultId, id).map(Opened::credential));
  }

  /// Takes the lease of a credential, unless its access token is not `stale` any more.
  ///
  /// @param holder who takes it, to be named when it ends
  /// @param leaseMax after which it ends by itself
  public Start begin(
      String vaultId, String id, SecretValue stale, String holder, Duration leaseMax) {
    return transactions.call(connection -> {
      lock(connection, vaultId);
      Optional<OpenCredential> found = one(connection, vaultId, id).map(Opened::credential);
      if (found.isEmpty()) {
        return new Start.Gone();
      }
      if (!found.get().secret(SecretField.ACCESS_TOKEN).equals(Optional.of(stale))) {
        return new Start.Changed(found.get());
      }
      int taken =
          update(
              connection,
              "UPDATE vault_proxy.vault_credential SET refreshing_by = ?,"
                  + " refreshing_until = clock_timestamp() + ? * interval '1 millisecond'"
                  + " WHERE id = ?"
                  + " AND (refreshing_until IS NULL OR refreshing_until < clock_timestamp())",
              holder,
              leaseMax.toMillis(),
              id);
      return taken == 1 ? new Start.Begun(found.get()) : new Start.Busy();
    });
  }

  /// Keeps what was granted for `used` and ends the lease, in one transaction. Nothing is kept when
  /// the credential was archived or deleted meanwhile.
  ///
  /// @return the credential as it is now; empty when it is gone
  public Optional<OpenCredential> keep(
      OpenCredential used, GrantedTokens granted, String holder, Instant now) {
    String vaultId = used.credential().vaultId();
    String id = used.credential().id();
    return transactions.call(connection -> {
      lock(connection, vaultId);
      Optional<Opened> found = one(connection, vaultId, id);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      OpenCredential current = found.get().credential();
      CredentialChange change = current.refreshed(used, granted, now);
      update(
          connection,
          "UPDATE vault_proxy.vault_credential SET auth = ?::json, updated_at = ? WHERE id = ?",
          json(change.credential().auth()),
          change.credential().updatedAt(),
          id);
      found.get().rows().keep(connection, change.secrets());
      endLease(connection, id, holder);
      return Optional.of(current.changed(change));
    });
  }

  /// Ends the lease without anything to keep.
  public void giveUp(String id, String holder) {
    var _ = transactions.call(connection -> endLease(connection, id, holder));
  }

  private static int endLease(Connection connection, String id, String holder) throws SQLException {
    return update(
        connection,
        "UPDATE vault_proxy.vault_credential SET refreshing_by = NULL, refreshing_until = NULL"
            + " WHERE id = ? AND refreshing_by = ?",
        id,
        holder);
  }

  private Optional<Opened> one(Connection connection, String vaultId, String id)
      throws SQLException {
    return open(
        connection, " AND c.vault_id = ? AND c.id = ?", Envelope.DEFAULT_WORKSPACE, vaultId, id);
  }

  /// The first credential the query finds; there is a row for each of its secrets.
  private Optional<Opened> open(Connection connection, String condition, Object... parameters)
      throws SQLException {
    try (PreparedStatement select = prepare(connection, OPEN + condition, parameters);
        ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        return Optional.empty();
      }
      Credential credential = PostgresCredentials.credential(row);
      SecretRows rows =
          new SecretRows(
              keys.open(credential.vaultId(), row.getBytes("data_key")),
              credential.vaultId(),
              credential.id());
      Map<SecretField, SecretValue> secrets = new EnumMap<>(SecretField.class);
      do {
        SecretField field = SecretField.valueOf(row.getString("field").toUpperCase(Locale.ROOT));
        secrets.put(field, rows.opened(field, row.getBytes("ciphertext")));
      } while (row.next() && row.getString("id").equals(credential.id()));
      return Optional.of(new Opened(new OpenCredential(credential, secrets), rows));
    }
  }

  /// As all changes of a vault begin; a vault that is not there has no credentials to be found.
  private static void lock(Connection connection, String vaultId) throws SQLException {
    try (PreparedStatement select =
            prepare(
                connection,
                "SELECT id FROM vault_proxy.vaults WHERE id = ? AND workspace_id = ? FOR UPDATE",
                vaultId,
                Envelope.DEFAULT_WORKSPACE);
        ResultSet row = select.executeQuery()) {
      row.next();
    }
  }
}
