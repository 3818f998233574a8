package io.steward.vaultproxy.outbox;

import static io.steward.vaultproxy.postgres.Transactions.prepare;
import static io.steward.vaultproxy.postgres.Transactions.update;

import io.steward.schemas.vault.VaultHead;
import io.steward.vaultproxy.postgres.Transactions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The table of vaults that have to be published.
public final class PostgresOutbox {
  /// Begins a turn, which ends with the transaction: only one instance publishes at a time. The
  /// number of the lock is the service's own, drawn once. The database ends the turn of an instance
  /// that hangs, or that is gone with its machine; one that is killed loses it at once.
  private static final String TURN =
      "SET LOCAL lock_timeout = '5s';"
          + " SET LOCAL idle_in_transaction_session_timeout = '30s';"
          + " SELECT pg_advisory_xact_lock(4817203965)";

  private static final String OLDEST =
      "SELECT o.vault_id, o.ticket, v.workspace_id, v.archived_at, v.placeholder_salt,"
          + " ARRAY(SELECT name FROM vault_proxy.vault_credential c, unnest(ARRAY["
          + "c.auth->>'secret_name', c.auth->>'access_key_id_name',"
          + " c.auth->>'secret_access_key_name', c.auth->>'session_token_name']) AS name"
          + " WHERE c.vault_id = v.id AND c.archived_at IS NULL AND name IS NOT NULL) AS variables"
          + " FROM vault_proxy.vault_outbox o LEFT JOIN vault_proxy.vaults v ON v.id = o.vault_id"
          + " ORDER BY o.ticket LIMIT ?";

  private final Transactions transactions;
  // Handed out in a turn whose end is unknown: another instance may have published them since, in a
  // newer state, before what this one sent arrived.
  private final Set<String> doubtful = new HashSet<>();

  public PostgresOutbox(Transactions transactions) {
    this.transactions = transactions;
  }

  /// Notes, in the transaction that changes a vault, that it has to be published.
  public static void add(Connection connection, String vaultId) throws SQLException {
    update(
        connection,
        "INSERT INTO vault_proxy.vault_outbox (vault_id) VALUES (?)"
            + " ON CONFLICT (vault_id) DO UPDATE SET ticket = DEFAULT",
        vaultId);
  }

  /// @param found how many rows were handed out
  /// @param published those of them that others can read now, in their order
  record Drained(int found, List<OutboxRow> published) {
    int left() {
      return found - published.size();
    }
  }

  /// Hands the oldest rows to `topic` and removes what it has published. A vault that changed again
  /// meanwhile stays. Nobody else publishes at the same time. For one thread.
  ///
  /// @throws io.steward.schemas.kafka.DependencyAwayException when the database does not answer, or
  ///   another instance does not end its turn; what was published may be published again
  Drained drain(int rowsMax, VaultTopic topic) {
    addDoubtful();
    Drained drained =
        transactions.call(connection -> {
          try (Statement turn = connection.createStatement()) {
            turn.execute(TURN);
          }
          List<OutboxRow> rows = oldest(connection, rowsMax);
          rows.forEach(row -> doubtful.add(row.vaultId()));
          List<OutboxRow> published =
              rows.isEmpty() ? rows : rows.subList(0, topic.publish(List.copyOf(rows)));
          for (OutboxRow row : published) {
            update(
                connection,
                "DELETE FROM vault_proxy.vault_outbox WHERE vault_id = ? AND ticket = ?",
                row.vaultId(),
                row.ticket());
          }
          return new Drained(rows.size(), published);
        });
    doubtful.clear();
    return drained;
  }

  /// In a transaction of its own, so that nobody who changes these vaults waits for the turn.
  private void addDoubtful() {
    if (doubtful.isEmpty()) {
      return;
    }
    int _ =
        transactions.call(connection -> {
          int added = 0;
          for (String vaultId : doubtful) {
            added +=
                update(
                    connection,
                    "INSERT INTO vault_proxy.vault_outbox (vault_id) VALUES (?) ON CONFLICT DO NOTHING",
                    vaultId);
          }
          return added;
        });
  }

  private static List<OutboxRow> oldest(Connection connection, int rowsMax) throws SQLException {
    try (PreparedStatement select = prepare(connection, OLDEST, rowsMax);
        ResultSet row = select.executeQuery()) {
      List<OutboxRow> rows = new ArrayList<>();
      while (row.next()) {
        String vaultId = row.getString("vault_id");
        rows.add(new OutboxRow(vaultId, row.getLong("ticket"), head(vaultId, row)));
      }
      return rows;
    }
  }

  private static @Nullable VaultHead head(String vaultId, ResultSet row) throws SQLException {
    String workspaceId = row.getString("workspace_id");
    if (workspaceId == null) {
      return null;
    }
    OffsetDateTime archivedAt = row.getObject("archived_at", OffsetDateTime.class);
    return new VaultHead(
        vaultId,
        workspaceId,
        archivedAt == null ? null : archivedAt.toInstant(),
        new VaultHead.Variables(row.getString("placeholder_salt"), variables(row)));
  }

  private static List<String> variables(ResultSet row) throws SQLException {
    return Arrays.stream((Object[]) row.getArray("variables").getArray())
        .map(String::valueOf)
        .sorted()
        .toList();
  }
}
