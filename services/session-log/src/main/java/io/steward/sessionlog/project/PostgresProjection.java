package io.steward.sessionlog.project;

import io.agroal.api.AgroalDataSource;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.record.SessionRecordCodec;
import io.steward.schemas.session.Session;
import io.steward.schemas.trace.TraceContext;
import io.steward.sessionlog.work.Demand;
import io.steward.sessionlog.work.PostgresWorkTable;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The tables of the projection. Rows are idempotent, and positions move by conditional update, so
/// that several replicas may project the same partitions.
@Singleton
class PostgresProjection {
  private static final Logger LOG = Logger.getLogger(PostgresProjection.class);
  private static final int FETCH_ROWS = 200;

  private static final String INSERT_RECORD =
      "INSERT INTO session_record (session_id, record_offset, record_id, type, may_ignore,"
          + " written_at, body, unreadable, schema_version, trace)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
          + " ON CONFLICT DO NOTHING";

  // A queued event's row moves when its processed copy comes; nothing else ever moves.
  private static final String UPSERT_EVENT =
      "INSERT INTO session_event AS e (session_id, event_id, record_offset, record_index, type,"
          + " processed_at, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
          + " ON CONFLICT (session_id, event_id) DO UPDATE SET"
          + " record_offset = excluded.record_offset, record_index = excluded.record_index,"
          + " processed_at = excluded.processed_at, body = excluded.body"
          + " WHERE e.processed_at IS NULL AND excluded.processed_at IS NOT NULL";

  private static final String UPDATE_SESSION =
      "UPDATE session SET next_offset = ?, status = ?, archived = ?, deleted = ?,"
          + " purge = purge OR ?, unfinished = ?, summary = ?,"
          + " agent = CASE WHEN agent = ? THEN agent ELSE ? END"
          + " WHERE session_id = ? AND next_offset < ?";

  private static final String INSERT_SESSION =
      "INSERT INTO session (session_id, workspace_id, partition_no, next_offset, created_at,"
          + " agent_id, agent_version, status, archived, deleted, purge, unfinished, agent,"
          + " summary) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";

  private static final String HIDE_SESSION =
      "UPDATE session SET next_offset = ?, deleted = true, purge = purge OR ?, unfinished = ?"
          + " WHERE session_id = ? AND next_offset < ?";

  private static final String RECORDS_FROM =
      "SELECT record_offset, record_id, type, may_ignore, written_at, body, unreadable,"
          + " schema_version, trace FROM session_record WHERE session_id = ? AND record_offset < ?"
          + " AND record_offset >= ? ORDER BY record_offset";

  private final AgroalDataSource database;
  private final PostgresTransactions transactions;
  private final BlobStore blobs;
  private volatile long generation = -1; // None before the first was adopted.

  PostgresProjection(AgroalDataSource database, BlobStore blobs) {
    this.database = database;
    this.transactions = new PostgresTransactions(database);
    this.blobs = blobs;
  }

  /// The stored position of each partition; a new partition begins at 0.
  Map<Integer, Long> positions(int partitions) {
    return transactions.call(connection -> PostgresSource.positions(connection, partitions));
  }

  /// The leader epochs stored with the positions, where known.
  Map<Integer, Integer> epochs() {
    return transactions.call(PostgresSource::epochs);
  }

  /// From which log the projection is.
  PostgresSource.Row source() {
    return transactions.call(PostgresSource::read);
  }

  /// Empties the projection if an operator wants that.
  PostgresSource.Row emptyIfWanted() {
    return transactions.call(PostgresSource::emptyIfWanted);
  }

  /// From now on the projection is of this topic.
  void claim(String topicId) {
    transactions.call(connection -> {
      PostgresSource.claim(connection, topicId);
      return true;
    });
  }

  /// What this replica reads and writes from now on must be of this making of the projection.
  void adopt(long making) {
    generation = making;
  }

  /// The making of the projection this replica knows.
  long generation() {
    return generation;
  }

  /// Makes sure that what was read before this call was of the projection this replica knows.
  ///
  /// @throws DependencyAwayException when it was emptied meanwhile
  void confirm() {
    checked(_ -> true);
  }

  /// Writes a batch and moves the positions from `before`.
  ///
  /// @param epochs of what was read last of each partition, where known
  /// @return false when another replica moved one of them first; then nothing is written
  boolean write(Batch batch, Map<Integer, Integer> epochs, Map<Integer, Long> before) {
    return checked(connection -> {
      if (!PostgresSource.move(connection, batch.after(), epochs, before)) {
        connection.rollback();
        return false;
      }
      insertRecords(connection, batch.records());
      upsertEvents(connection, batch.events());
      for (Rows.SessionRow row : batch.sessions()) {
        if (row.shown().isPresent()) {
          writeSession(connection, row, row.shown().get());
        } else {
          hideSession(connection, row);
        }
      }
      for (Rows.FoldRow fold : batch.folds()) {
        PostgresFolds.write(connection, fold);
      }
      for (Demand demand : batch.demands()) {
        PostgresWorkTable.follow(connection, demand);
      }
      return true;
    });
  }

  /// The session folded from its stored records below `nextOffset`, from a stored fold on if there
  /// is one.
  SessionFolds.Loaded load(SessionId id, long nextOffset) {
    return checked(connection -> {
      PostgresFolds.Stored stored = PostgresFolds.read(connection, id, nextOffset);
      Session session = stored.session();
      long bytes = stored.weight();
      int unstored = 0;
      try (PreparedStatement select = connection.prepareStatement(RECORDS_FROM)) {
        select.setFetchSize(FETCH_ROWS);
        select.setString(1, id.value());
        select.setLong(2, nextOffset);
        select.setLong(3, stored.nextOffset());
        try (ResultSet rows = select.executeQuery()) {
          while (rows.next()) {
            unstored++;
            byte[] json = json(id, rows.getString(2), rows.getString(6), rows.getString(7));
            bytes += json == null ? 0 : SessionFolds.weight(rows.getString(3), json);
            session = fold(session, id, rows, json);
          }
        }
      }
      return new SessionFolds.Loaded(session, bytes, unstored);
    });
  }

  /// The next records of a session whose bodies have `bytesMax` bytes together, or one more.
  List<StoredRecord> records(SessionId id, long from, long below, long bytesMax) {
    return checked(connection -> {
      List<StoredRecord> records = new ArrayList<>();
      long bytes = 0;
      try (PreparedStatement select = connection.prepareStatement(RECORDS_FROM)) {
        select.setFetchSize(FETCH_ROWS);
        select.setString(1, id.value());
        select.setLong(2, below);
        select.setLong(3, from);
        try (ResultSet rows = select.executeQuery()) {
          while (bytes < bytesMax && rows.next()) {
            byte[] json = json(id, rows.getString(2), rows.getString(6), rows.getString(7));
            bytes += json == null ? 0 : json.length;
            records.add(new StoredRecord(rows.getLong(1), readable(id, rows, json)));
          }
        }
      }
      return records;
    });
  }

  private static Optional<SessionRecord> readable(
      SessionId id, ResultSet row, byte @Nullable [] json) throws SQLException {
    if (json == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(decode(row, json));
    } catch (RuntimeException e) {
      LOG.warnf("session_id=%s: a stored record cannot be read: %s", id, e.getMessage());
      return Optional.empty();
    }
  }

  /// The latest time of an event in the records below an offset.
  Instant lastEventAt(SessionId id, long offset) {
    return checked(connection -> {
      try (PreparedStatement select =
          connection.prepareStatement(
              "SELECT max(processed_at) FROM session_event"
                  + " WHERE session_id = ? AND record_offset < ?")) {
        select.setString(1, id.value());
        select.setLong(2, offset);
        try (ResultSet row = select.executeQuery()) {
          row.next();
          return Instant.EPOCH.plusNanos(row.getLong(1)); // 0 when there is none.
        }
      }
    });
  }

  /// The body of a record, from its row or from the blob store; null when it is in neither.
  private byte @Nullable [] json(
      SessionId id, String recordId, @Nullable String body, @Nullable String unreadable) {
    if (body != null) {
      return body.getBytes(StandardCharsets.UTF_8);
    }
    try {
      return unreadable != null ? null : blobs.get(id.value() + "/" + recordId);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What cannot be read any more sets the session aside, as it does where records come from the
  /// topic: an exception would stop every answer that names the session.
  private static Session fold(Session session, SessionId id, ResultSet row, byte @Nullable [] json)
      throws SQLException {
    long offset = row.getLong(1);
    String unreadable = row.getString(7);
    if (unreadable != null || json == null) {
      return session.setAside(offset, unreadable == null ? RecordReader.NO_BODY : unreadable);
    }
    String recordId = row.getString(2);
    String writtenAt = row.getString(5);
    TraceContext trace = Rows.trace(row.getString(9));
    try {
      SessionRecord body = decode(row, json);
      return session.apply(
          new LoggedRecord(id, recordId, offset, Instant.parse(writtenAt), body, trace));
    } catch (RuntimeException e) {
      return session.setAside(
          offset, "the record " + recordId + " cannot be read: " + e.getClass().getSimpleName());
    }
  }

  private static SessionRecord decode(ResultSet row, byte[] json) throws SQLException {
    String type = row.getString(3);
    boolean mayIgnore = row.getBoolean(4);
    boolean later = row.getInt(8) > RecordFormat.SCHEMA_VERSION;
    return later
        ? new SessionRecord.Unrecognized(type, mayIgnore)
        : SessionRecordCodec.decode(type, mayIgnore, json);
  }

  /// Whether a record of the session is in the database.
  boolean holds(SessionId id, String recordId) {
    return checked(connection -> {
      try (PreparedStatement select =
          connection.prepareStatement(
              "SELECT 1 FROM session_record WHERE session_id = ? AND record_id = ?")) {
        select.setString(1, id.value());
        select.setString(2, recordId);
        return select.executeQuery().next();
      }
    });
  }

  /// Sessions of a partition the harness still has something to do for.
  List<SessionId> unfinished(int partition) {
    return ids(
        "SELECT session_id FROM session WHERE unfinished AND partition_no = ?"
            + " ORDER BY next_offset",
        partition);
  }

  /// Sessions whose records are to be deleted.
  List<SessionId> toPurge() {
    return ids("SELECT session_id FROM session WHERE purge AND ? = 0", 0);
  }

  /// The second halves of the Kafka keys of a session's records.
  List<String> recordIds(SessionId id) {
    return checked(connection -> {
      List<String> ids = new ArrayList<>();
      try (PreparedStatement select =
          connection.prepareStatement(
              "SELECT record_id FROM session_record WHERE session_id = ?")) {
        select.setString(1, id.value());
        try (ResultSet rows = select.executeQuery()) {
          while (rows.next()) {
            ids.add(rows.getString(1));
          }
        }
      }
      return ids;
    });
  }

  /// Deletes every row of a session. The files go last: whoever adds one holds the session's row,
  /// so none is added behind them.
  void delete(SessionId id) {
    checked(connection -> {
      for (String table :
          List.of("session_event", "session_record", "session_fold", "session", "work", "file")) {
        try (PreparedStatement delete =
            connection.prepareStatement("DELETE FROM " + table + " WHERE session_id = ?")) {
          delete.setString(1, id.value());
          delete.executeUpdate();
        }
      }
      return true;
    });
  }

  /// Whether the database answers.
  boolean answers() {
    try (Connection connection = database.getConnection()) {
      return connection.isValid(1);
    } catch (SQLException e) {
      return false;
    }
  }

  /// Runs SQL and looks at the end whether it was about the projection this replica knows. Emptying
  /// waits for whoever has read a row or moved a position, so nothing can change in between.
  private <T> T checked(PostgresTransactions.Work<T> work) {
    return transactions.call(connection -> {
      T result = work.in(connection);
      long now = PostgresSource.read(connection).generation();
      if (now != generation) {
        throw new DependencyAwayException(
            "the projection, which is being made again,",
            new IllegalStateException("it is number " + now + ", not " + generation));
      }
      return result;
    });
  }

  private List<SessionId> ids(String sql, int parameter) {
    return checked(connection -> {
      List<SessionId> ids = new ArrayList<>();
      try (PreparedStatement select = connection.prepareStatement(sql)) {
        select.setInt(1, parameter);
        try (ResultSet rows = select.executeQuery()) {
          while (rows.next()) {
            ids.add(new SessionId(rows.getString(1)));
          }
        }
      }
      return ids;
    });
  }

  private static void insertRecords(Connection connection, List<Rows.RecordRow> rows)
      throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (PreparedStatement insert = connection.prepareStatement(INSERT_RECORD)) {
      for (Rows.RecordRow row : rows) {
        insert.setString(1, row.sessionId());
        insert.setLong(2, row.offset());
        insert.setString(3, row.recordId());
        insert.setString(4, row.type());
        insert.setBoolean(5, row.mayIgnore());
        insert.setString(6, row.writtenAt());
        insert.setString(7, row.body());
        insert.setString(8, row.unreadable());
        insert.setInt(9, row.schemaVersion());
        insert.setString(10, row.trace());
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  private static void upsertEvents(Connection connection, List<Rows.EventRow> rows)
      throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (PreparedStatement upsert = connection.prepareStatement(UPSERT_EVENT)) {
      for (Rows.EventRow row : rows) {
        upsert.setString(1, row.sessionId());
        upsert.setString(2, row.eventId());
        upsert.setLong(3, row.offset());
        upsert.setInt(4, row.index());
        upsert.setString(5, row.type());
        upsert.setObject(6, row.processedAtNanos(), Types.BIGINT);
        upsert.setString(7, row.body());
        upsert.addBatch();
      }
      upsert.executeBatch();
    }
  }

  private static void writeSession(Connection connection, Rows.SessionRow row, Rows.Shown shown)
      throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(UPDATE_SESSION)) {
      update.setLong(1, row.nextOffset());
      update.setString(2, shown.status());
      update.setBoolean(3, shown.archived());
      update.setBoolean(4, row.deleted());
      update.setBoolean(5, row.purge());
      update.setBoolean(6, row.unfinished());
      update.setString(7, shown.summary());
      update.setString(8, shown.agent());
      update.setString(9, shown.agent());
      update.setString(10, row.id().value());
      update.setLong(11, row.nextOffset());
      if (update.executeUpdate() == 1) {
        return;
      }
    }
    try (PreparedStatement insert = connection.prepareStatement(INSERT_SESSION)) {
      insert.setString(1, row.id().value());
      insert.setString(2, shown.workspaceId());
      insert.setInt(3, row.id().partition());
      insert.setLong(4, row.nextOffset());
      insert.setTimestamp(5, Timestamp.from(shown.createdAt()));
      insert.setString(6, shown.agentId());
      insert.setInt(7, shown.agentVersion());
      insert.setString(8, shown.status());
      insert.setBoolean(9, shown.archived());
      insert.setBoolean(10, row.deleted());
      insert.setBoolean(11, row.purge());
      insert.setBoolean(12, row.unfinished());
      insert.setString(13, shown.agent());
      insert.setString(14, shown.summary());
      insert.executeUpdate();
    }
  }

  private static void hideSession(Connection connection, Rows.SessionRow row) throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(HIDE_SESSION)) {
      update.setLong(1, row.nextOffset());
      update.setBoolean(2, row.purge());
      update.setBoolean(3, row.unfinished());
      update.setString(4, row.id().value());
      update.setLong(5, row.nextOffset());
      update.executeUpdate();
    }
  }
}
