package io.steward.vaultproxy.audit;

import static io.steward.vaultproxy.postgres.Transactions.prepare;
import static io.steward.vaultproxy.postgres.Transactions.update;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.vault.CredentialUse;
import io.steward.schemas.vault.CredentialUse.Outcome;
import io.steward.schemas.vault.CredentialUse.Purpose;
import io.steward.vaultproxy.audit.UseFilter.TimeBound;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.vault.ListPosition;
import io.steward.vaultproxy.vault.VaultRules;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The table of uses. While the database does not answer, every method throws
/// [io.steward.schemas.kafka.DependencyAwayException].
public final class PostgresUses {
  private static final String COLUMNS =
      "id, created_at, workspace_id, vault_id, credential_id, session_id, purpose, host, port,"
          + " secure, outcome, status";

  private static final String KEEP =
      "INSERT INTO vault_proxy.credential_use ("
          + COLUMNS
          + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";

  /// Instances publish at the same time, each of them other rows. The database ends the turn of one
  /// that hangs, or that is gone with its machine.
  private static final String TURN = "SET LOCAL idle_in_transaction_session_timeout = '30s'";

  private static final String OLDEST =
      "SELECT number, "
          + COLUMNS
          + " FROM vault_proxy.credential_use WHERE NOT published"
          + " ORDER BY number LIMIT ? FOR UPDATE SKIP LOCKED";

  private final Transactions transactions;

  public PostgresUses(Transactions transactions) {
    this.transactions = transactions;
  }

  /// Keeps uses, in one transaction; those that are known already change nothing.
  void keep(List<CredentialUse> uses) {
    int _ =
        transactions.call(connection -> {
          try (PreparedStatement insert = connection.prepareStatement(KEEP)) {
            for (CredentialUse use : uses) {
              set(insert, use);
              insert.addBatch();
            }
            return insert.executeBatch().length;
          }
        });
  }

  private static void set(PreparedStatement insert, CredentialUse use) throws SQLException {
    SessionId session = use.sessionId();
    int column = 1;
    insert.setString(column++, use.id());
    insert.setObject(column++, use.createdAt().atOffset(ZoneOffset.UTC));
    insert.setString(column++, use.workspaceId());
    insert.setString(column++, use.vaultId());
    insert.setString(column++, use.credentialId());
    insert.setString(column++, session == null ? null : session.value());
    insert.setString(column++, use.purpose().wireName());
    insert.setString(column++, use.host());
    insert.setInt(column++, use.port());
    insert.setBoolean(column++, use.secure());
    insert.setString(column++, use.outcome().wireName());
    insert.setObject(column, use.status(), java.sql.Types.INTEGER);
  }

  /// @param found how many uses were handed out
  /// @param published how many of them others can read now
  record Turn(int found, int published) {}

  /// Hands the oldest uses that are not published to `topic`, and remembers what it took. What it
  /// took in a turn whose end is unknown is published again.
  Turn publish(int rowsMax, AuditTopic topic) {
    return transactions.call(connection -> {
      try (Statement turn = connection.createStatement()) {
        turn.execute(TURN);
      }
      List<Long> numbers = new ArrayList<>();
      List<CredentialUse> uses = new ArrayList<>();
      try (PreparedStatement select = prepare(connection, OLDEST, rowsMax);
          ResultSet row = select.executeQuery()) {
        while (row.next()) {
          numbers.add(row.getLong("number"));
          uses.add(use(row));
        }
      }
      int taken = uses.isEmpty() ? 0 : topic.publish(List.copyOf(uses));
      if (taken > 0) {
        update(
            connection,
            "UPDATE vault_proxy.credential_use SET published = true WHERE number = ANY (?)",
            connection.createArrayOf("bigint", numbers.subList(0, taken).toArray()));
      }
      return new Turn(uses.size(), taken);
    });
  }

  /// Removes up to `rowsMax` of the uses from before `cutoff` that are published.
  ///
  /// @return how many
  int forgetBefore(Instant cutoff, int rowsMax) {
    return transactions.call(connection ->
        update(
            connection,
            "DELETE FROM vault_proxy.credential_use WHERE id IN (SELECT id"
                + " FROM vault_proxy.credential_use WHERE created_at < ? AND published"
                + " ORDER BY created_at LIMIT ?)",
            cutoff,
            rowsMax));
  }

  /// Up to `count` uses, newest first. Those of a vault that is archived or deleted are found, too.
  ///
  /// @param after the last use of the page before, or null for the first page
  /// @throws io.steward.schemas.http.ApiException 404 when there is no such vault, and no use of
  ///   one
  public List<CredentialUse> list(UseFilter filter, @Nullable ListPosition after, int count) {
    return transactions.call(connection -> {
      List<CredentialUse> uses = found(connection, filter, after, count);
      if (uses.isEmpty() && !isKnown(connection, filter.vaultId())) {
        throw VaultRules.missing(filter.vaultId());
      }
      return uses;
    });
  }

  private static List<CredentialUse> found(
      Connection connection, UseFilter filter, @Nullable ListPosition after, int count)
      throws SQLException {
    StringBuilder sql =
        new StringBuilder("SELECT ")
            .append(COLUMNS)
            .append(" FROM vault_proxy.credential_use WHERE workspace_id = ? AND vault_id = ?");
    List<Object> parameters = new ArrayList<>();
    parameters.add(Envelope.DEFAULT_WORKSPACE);
    parameters.add(filter.vaultId());
    if (filter.credentialId() != null) {
      sql.append(" AND credential_id = ?");
      parameters.add(filter.credentialId());
    }
    if (filter.sessionId() != null) {
      sql.append(" AND session_id = ?");
      parameters.add(filter.sessionId());
    }
    for (TimeBound bound : filter.times()) {
      sql.append(" AND created_at ").append(bound.comparison().operator()).append(" ?");
      parameters.add(bound.time());
    }
    if (after != null) {
      sql.append(" AND (created_at, id) < (?, ?)");
      parameters.add(after.createdAt());
      parameters.add(after.id());
    }
    sql.append(" ORDER BY created_at DESC, id DESC LIMIT ?");
    parameters.add(count);
    try (PreparedStatement select = prepare(connection, sql.toString(), parameters.toArray());
        ResultSet row = select.executeQuery()) {
      List<CredentialUse> uses = new ArrayList<>();
      while (row.next()) {
        uses.add(use(row));
      }
      return uses;
    }
  }

  private static boolean isKnown(Connection connection, String vaultId) throws SQLException {
    try (PreparedStatement select =
            prepare(
                connection,
                "SELECT EXISTS (SELECT FROM vault_proxy.vaults WHERE workspace_id = ? AND id = ?)"
                    + " OR EXISTS (SELECT FROM vault_proxy.credential_use"
                    + " WHERE workspace_id = ? AND vault_id = ?)",
                Envelope.DEFAULT_WORKSPACE,
                vaultId,
                Envelope.DEFAULT_WORKSPACE,
                vaultId);
        ResultSet row = select.executeQuery()) {
      return row.next() && row.getBoolean(1);
    }
  }

  private static CredentialUse use(ResultSet row) throws SQLException {
    String session = row.getString("session_id");
    return new CredentialUse(
        row.getString("id"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getString("workspace_id"),
        row.getString("vault_id"),
        row.getString("credential_id"),
        session == null ? null : SessionId.parse(session).orElseThrow(),
        Purpose.named(row.getString("purpose")),
        row.getString("host"),
        row.getInt("port"),
        row.getBoolean("secure"),
        Outcome.named(row.getString("outcome")),
        row.getObject("status", Integer.class));
  }
}
