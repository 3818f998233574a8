package io.steward.vaultproxy.call;

import static io.steward.vaultproxy.postgres.Transactions.prepare;
import static io.steward.vaultproxy.postgres.Transactions.update;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.vaultproxy.postgres.Transactions;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is known of calls: the table `vault_proxy.egress_call`. A call is unknown, then started,
/// then ended; it may also end without having been started, or be forgotten with its session. No
/// step goes back. Every method returns after its effect is durable and may be called from any
/// thread; while the database does not answer, it throws
/// [io.steward.schemas.kafka.DependencyAwayException].
public final class PostgresCallJournal {
  private final Transactions transactions;

  public PostgresCallJournal(Transactions transactions) {
    this.transactions = transactions;
  }

  /// What is known of a call.
  public sealed interface Known {
    /// It may have run, or run now, in that instance of the service.
    record Started(String instance, Instant at) implements Known {}

    record Ended(ToolResult result) implements Known {}

    /// Its session is gone.
    record Forgotten() implements Known {}
  }

  public Optional<Known> find(String toolUseId) {
    return transactions.call(connection -> find(connection, toolUseId));
  }

  private static Optional<Known> find(Connection connection, String toolUseId) throws SQLException {
    try (PreparedStatement select =
            prepare(
                connection,
                "SELECT state, instance, started_at, result FROM vault_proxy.egress_call"
                    + " WHERE tool_use_id = ?",
                toolUseId);
        ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        return Optional.empty();
      }
      String result = row.getString("result");
      return Optional.of(
          row.getString("state").equals("started")
              ? new Known.Started(
                  row.getString("instance"),
                  row.getObject("started_at", OffsetDateTime.class).toInstant())
              : result == null ? new Known.Forgotten() : new Known.Ended(result(result)));
    }
  }

  /// Makes an unknown call started. False when it is known, or its session is gone: then it must
  /// not run.
  public boolean start(Call call, String instance, Instant at) {
    return insert(call, instance, "started", at, null);
  }

  /// Makes an unknown call ended, so that it never starts. False when it is known.
  public boolean endUnstarted(Call call, String instance, ToolResult result, Instant at) {
    return insert(call, instance, "ended", at, result);
  }

  private boolean insert(
      Call call, String instance, String state, Instant at, @Nullable ToolResult result) {
    String session = call.sessionId().value();
    return transactions.call(connection ->
        update(
                connection,
                "INSERT INTO vault_proxy.egress_call (tool_use_id, session_id, workspace_id,"
                    + " instance, state, started_at, ended_at, result)"
                    + " SELECT ?, ?, ?, ?, ?, ?, ?, ?::json WHERE NOT EXISTS"
                    + " (SELECT FROM vault_proxy.forgotten_session WHERE session_id = ?)"
                    + " ON CONFLICT DO NOTHING",
                call.toolUseId(),
                session,
                call.workspaceId(),
                instance,
                state,
                at,
                result == null ? null : at,
                result == null ? null : json(result),
                session)
            == 1);
  }

  /// Makes a started call ended.
  ///
  /// @return the result that counts, which is the first; empty when the session was forgotten
  public Optional<ToolResult> end(ToolResult result, Instant at) {
    return transactions.call(connection -> {
      int ended =
          update(
              connection,
              "UPDATE vault_proxy.egress_call SET state = 'ended', ended_at = ?, result = ?::json"
                  + " WHERE tool_use_id = ? AND state = 'started'",
              at,
              json(result),
              result.toolUseId());
      if (ended == 1) {
        return Optional.of(result);
      }
      return find(connection, result.toolUseId())
          .flatMap(known ->
              known instanceof Known.Ended(ToolResult first)
                  ? Optional.of(first)
                  : Optional.empty());
    });
  }

  /// Drops the results of a session. Its calls stay known.
  public void forget(SessionId session, Instant at) {
    int _ =
        transactions.call(connection ->
            update(
                connection,
                "UPDATE vault_proxy.egress_call SET state = 'forgotten', result = NULL,"
                    + " ended_at = coalesce(ended_at, ?) WHERE session_id = ?",
                at,
                session.value()));
  }

  /// Removes calls that ended before `before`; returns how many.
  public int removeOld(Instant before) {
    return transactions.call(connection -> {
      int _ = update(connection, "DELETE FROM vault_proxy.instance WHERE seen_at < ?", before);
      return update(connection, "DELETE FROM vault_proxy.egress_call WHERE ended_at < ?", before);
    });
  }

  /// Notes that an instance of the service lives, by the clock of the database.
  public void seen(String instance) {
    int _ =
        transactions.call(connection ->
            update(
                connection,
                "INSERT INTO vault_proxy.instance (owner, seen_at) VALUES (?, now())"
                    + " ON CONFLICT (owner) DO UPDATE SET seen_at = now()",
                instance));
  }

  /// Whether an instance was not seen for `silence`, by the clock of the database.
  public boolean isSilent(String instance, Duration silence) {
    return transactions.call(connection -> {
      try (PreparedStatement select =
              prepare(
                  connection,
                  "SELECT FROM vault_proxy.instance WHERE owner = ?"
                      + " AND seen_at >= now() - ? * interval '1 millisecond'",
                  instance,
                  silence.toMillis());
          ResultSet row = select.executeQuery()) {
        return !row.next();
      }
    });
  }

  private static String json(ToolResult result) {
    return new String(Json.bytes(result), StandardCharsets.UTF_8);
  }

  private static ToolResult result(String json) {
    return Json.read(json.getBytes(StandardCharsets.UTF_8), ToolResult.class);
  }
}
