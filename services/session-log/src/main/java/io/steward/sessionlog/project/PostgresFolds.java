package io.steward.sessionlog.project;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.session.Session;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jboss.logging.Logger;

/// Folds that are stored, so that a long session need not be folded from its first record again.
/// They are of this version of the fold or not there.
final class PostgresFolds {
  private static final Logger LOG = Logger.getLogger(PostgresFolds.class);

  private static final String UPSERT =
      "INSERT INTO session_fold AS f (session_id, fold_version, next_offset, weight, session)"
          + " VALUES (?, ?, ?, ?, ?)"
          + " ON CONFLICT (session_id) DO UPDATE SET fold_version = excluded.fold_version,"
          + " next_offset = excluded.next_offset, weight = excluded.weight,"
          + " session = excluded.session"
          + " WHERE f.next_offset < excluded.next_offset OR f.fold_version < excluded.fold_version";

  private static final String SELECT =
      "SELECT next_offset, weight, session FROM session_fold"
          + " WHERE session_id = ? AND fold_version = ? AND next_offset <= ?";

  private PostgresFolds() {}

  /// A session with the weight of its records below `nextOffset`.
  record Stored(Session session, long weight, long nextOffset) {
    /// Before the first record.
    static final Stored NOTHING = new Stored(Session.ABSENT, 0, 0);
  }

  /// The newest stored fold of a session's records below `nextOffset`, or of none of them.
  static Stored read(Connection connection, SessionId id, long nextOffset) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(SELECT)) {
      select.setString(1, id.value());
      select.setInt(2, Session.FOLD_VERSION);
      select.setLong(3, nextOffset);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? stored(id, row) : Stored.NOTHING;
      }
    }
  }

  private static Stored stored(SessionId id, ResultSet row) throws SQLException {
    try {
      byte[] json = row.getString(3).getBytes(StandardCharsets.UTF_8);
      return new Stored(Json.read(json, Session.class), row.getLong(2), row.getLong(1));
    } catch (RuntimeException e) {
      LOG.warnf(
          "session_id=%s: its stored fold cannot be read: %s", id, e.getClass().getSimpleName());
      return Stored.NOTHING;
    }
  }

  /// Keeps the newer of this fold and the one that is there.
  static void write(Connection connection, Rows.FoldRow row) throws SQLException {
    try (PreparedStatement upsert = connection.prepareStatement(UPSERT)) {
      upsert.setString(1, row.id().value());
      upsert.setInt(2, Session.FOLD_VERSION);
      upsert.setLong(3, row.nextOffset());
      upsert.setLong(4, row.weight());
      upsert.setString(5, row.session());
      upsert.executeUpdate();
    }
  }
}
