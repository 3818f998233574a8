package io.steward.sessionlog.files;

import io.agroal.api.AgroalDataSource;
import io.steward.schemas.id.SessionId;
import io.steward.sessionlog.project.PostgresErrors;
import io.steward.sessionlog.project.PostgresTransactions;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The table of files. What is written here is on the disk when a method returns: no topic could
/// bring it back.
@Singleton
class PostgresFiles {
  private static final String COLUMNS =
      "file_id, workspace_id, origin, session_id, filename, media_type, size_bytes, created_at,"
          + " expires_at, blob_key";

  // What a session had is gone as soon as the session is, also while it is still being purged.
  private static final String VISIBLE =
      " FROM file f WHERE state = 'stored' AND NOT EXISTS"
          + " (SELECT 1 FROM session s WHERE s.session_id = f.session_id AND s.deleted)";

  private static final String LISTED = VISIBLE + " AND origin <> 'session_input'";

  private static final String INSERT =
      "INSERT INTO file ("
          + COLUMNS
          + ", state, state_since, output_path, record_offset)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

  // The same content under the same path has the same id, so a file may come back.
  private static final String UPSERT_OUTPUT =
      INSERT
          + " ON CONFLICT (file_id) DO UPDATE SET state = excluded.state,"
          + " state_since = excluded.state_since, freed = false, filename = excluded.filename,"
          + " expires_at = excluded.expires_at, output_path = excluded.output_path,"
          + " created_at = excluded.created_at, blob_key = excluded.blob_key,"
          + " media_type = excluded.media_type, size_bytes = excluded.size_bytes,"
          + " record_offset = excluded.record_offset"
          + " WHERE file.session_id = excluded.session_id";

  private static final String UNCLAIMED =
      " FROM file f WHERE state = 'stored' AND origin = 'session_input' AND NOT EXISTS"
          + " (SELECT 1 FROM session s WHERE s.session_id = f.session_id)";

  // One upload at a time is weighed, so that two cannot share the room for one.
  private static final long QUOTA_LOCK = 0x66696c6573L;

  private final AgroalDataSource database;
  private final PostgresTransactions transactions;

  PostgresFiles(AgroalDataSource database) {
    this.database = database;
    this.transactions = new PostgresTransactions(database);
  }

  /// A place in the list, which has the newest file first.
  record Place(Instant createdAt, String fileId) {}

  /// What a list is to hold.
  ///
  /// @param ids none means all
  /// @param older whether the files lie behind `from`, in the order of the list; otherwise before
  ///   it
  record Search(
      Collection<String> ids,
      Optional<String> sessionId,
      boolean older,
      Optional<Place> from,
      int rowsMax) {}

  /// What became of an output.
  enum Output {
    STORED,
    /// This record, or a later one of the same path, was here before.
    OLD_NEWS,
    NO_SESSION
  }

  /// The file that is stored under the id, also when it has expired.
  Optional<StoredFile> find(String fileId) {
    return files("SELECT " + COLUMNS + VISIBLE + " AND file_id = ?", List.of(fileId)).stream()
        .findFirst();
  }

  /// Where a file is, or was, in the list. That of a deleted file is known for a while.
  Optional<Place> place(String fileId) {
    return query(
            "SELECT created_at, file_id FROM file"
                + " WHERE state <> 'uploading' AND origin <> 'session_input' AND file_id = ?",
            List.of(fileId),
            row -> new Place(row.getObject(1, OffsetDateTime.class).toInstant(), row.getString(2)))
        .stream()
        .findFirst();
  }

  /// What a search finds, in its direction: the nearest to its place first.
  List<StoredFile> list(Search search) {
    StringBuilder sql = new StringBuilder("SELECT " + COLUMNS + LISTED);
    List<Object> values = new ArrayList<>();
    if (!search.ids().isEmpty()) {
      sql.append(" AND file_id = ANY (?)");
      values.add(search.ids().toArray(new String[0]));
    }
    search
        .sessionId()
        .ifPresent(id -> {
          sql.append(" AND session_id = ?");
          values.add(id);
        });
    search
        .from()
        .ifPresent(place -> {
          sql.append(" AND (created_at, file_id) ").append(search.older() ? "<" : ">");
          sql.append(" (?, ?)");
          values.add(utc(place.createdAt()));
          values.add(place.fileId());
        });
    String direction = search.older() ? " DESC" : " ASC";
    sql.append(" ORDER BY created_at").append(direction).append(", file_id").append(direction);
    sql.append(" LIMIT ?");
    values.add(search.rowsMax());
    return files(sql.toString(), values);
  }

  /// Adds a session's copy of a file, before its bytes are stored: nobody knows its id yet.
  void insert(StoredFile file) {
    transactions.callDurably(connection -> {
      write(connection, INSERT, file, "stored", file.createdAt(), null, null);
      return true;
    });
  }

  /// Notes that the bytes of `file` are about to be stored, so that they are found when this
  /// process ends before they are.
  void begin(StoredFile file) {
    transactions.callDurably(connection -> {
      write(connection, INSERT, file, "uploading", file.createdAt(), null, null);
      return true;
    });
  }

  /// Makes a file visible whose bytes have been stored.
  ///
  /// @return false when all files together would have more than `bytesMax`
  /// @throws IllegalStateException when it took so long that the file was given up
  boolean complete(StoredFile file, long bytesMax) {
    return transactions.callDurably(connection -> {
      select(connection, "SELECT pg_advisory_xact_lock(?)", List.of(QUOTA_LOCK), _ -> true);
      if (bytesStored(connection) > bytesMax - file.sizeBytes()) {
        return false;
      }
      int count =
          update(
              connection,
              "UPDATE file SET state = 'stored', state_since = ?, filename = ?, media_type = ?,"
                  + " size_bytes = ?, created_at = ?, expires_at = ?"
                  + " WHERE file_id = ? AND state = 'uploading'",
              utc(file.createdAt()),
              file.filename(),
              file.mediaType(),
              file.sizeBytes(),
              utc(file.createdAt()),
              expiry(file),
              file.id());
      if (count != 1) {
        throw new IllegalStateException("the upload of " + file.id() + " was given up");
      }
      return true;
    });
  }

  /// Forgets an upload that came to nothing, once its bytes are gone.
  void abandon(String fileId) {
    transactions.callDurably(connection ->
        update(connection, "DELETE FROM file WHERE file_id = ? AND state = 'uploading'", fileId));
  }

  /// How many bytes count towards the quota.
  long bytesStored() {
    return transactions.callDurably(PostgresFiles::bytesStored);
  }

  /// Stores what a session wrote, in place of what it wrote under the same path before.
  ///
  /// @param offset of the record that says so, in the session's partition
  Output output(StoredFile file, SessionId session, String path, long offset, Instant now) {
    return transactions.callDurably(connection -> {
      // The lock orders replicas, and holds up the purge of the session until the row is there.
      if (!exists(
          connection,
          "SELECT 1 FROM session WHERE session_id = ? AND NOT deleted FOR NO KEY UPDATE",
          session.value())) {
        return Output.NO_SESSION;
      }
      if (exists(
          connection,
          "SELECT 1 FROM file WHERE session_id = ? AND output_path = ?"
              + " AND (record_offset >= ? OR (file_id = ? AND created_at = ?))",
          session.value(),
          path,
          offset,
          file.id(),
          utc(file.createdAt()))) {
        return Output.OLD_NEWS;
      }
      update(
          connection,
          "UPDATE file SET state = 'deleted', state_since = ?"
              + " WHERE session_id = ? AND output_path = ? AND state = 'stored' AND file_id <> ?",
          utc(now),
          session.value(),
          path,
          file.id());
      write(connection, UPSERT_OUTPUT, file, "stored", now, path, offset);
      return Output.STORED;
    });
  }

  /// Makes a file invisible for ever.
  ///
  /// @return false when it was not visible
  boolean delete(String fileId, Instant now) {
    return transactions.callDurably(connection ->
        update(
                connection,
                "UPDATE file SET state = 'deleted', state_since = ?, filename = ''"
                    + " WHERE file_id = ? AND state = 'stored'",
                utc(now),
                fileId)
            == 1);
  }

  /// Forgets a session's copy that nobody was told of, once its bytes are gone.
  void withdraw(String copyId) {
    transactions.callDurably(connection ->
        update(
            connection, "DELETE FROM file WHERE file_id = ? AND origin = 'session_input'", copyId));
  }

  /// Gives up uploads that began before `uploadsSince`.
  int giveUp(Instant uploadsSince, Instant now) {
    return transactions.callDurably(connection ->
        update(
            connection,
            "UPDATE file SET state = 'deleted', state_since = ?"
                + " WHERE state = 'uploading' AND state_since < ?",
            utc(now),
            utc(uploadsSince)));
  }

  /// Copies made before `since` for sessions that are not in the database. That does not say that
  /// there is no such session.
  List<StoredFile> unclaimed(Instant since, int rowsMax) {
    return files(
        "SELECT " + COLUMNS + UNCLAIMED + " AND created_at < ? ORDER BY created_at LIMIT ?",
        List.of(utc(since), rowsMax));
  }

  /// Removes a copy, unless its session is there.
  ///
  /// @param complete whether the database knows every session there is, asked with the row locked
  ///   and the session not found
  /// @param removal of the bytes
  /// @return whether it is removed
  boolean freeUnclaimed(StoredFile copy, Instant now, BooleanSupplier complete, Runnable removal) {
    return transactions.callDurably(connection -> {
      if (!exists(connection, "SELECT 1" + UNCLAIMED + " AND file_id = ? FOR UPDATE", copy.id())
          || !complete.getAsBoolean()) {
        return false;
      }
      removal.run();
      update(
          connection,
          "UPDATE file SET freed = true, state = 'deleted', state_since = ? WHERE file_id = ?",
          utc(now),
          copy.id());
      return true;
    });
  }

  /// Files whose bytes nobody needs any more: expired, or deleted before `deletedBefore`, which for
  /// copies of sessions is `copiesBefore`.
  List<StoredFile> toFree(Instant deletedBefore, Instant copiesBefore, Instant now, int rowsMax) {
    return files(
        "SELECT "
            + COLUMNS
            + " FROM file WHERE NOT freed AND ((state = 'deleted' AND state_since <"
            + " CASE origin WHEN 'session_input' THEN ?::timestamptz ELSE ? END)"
            + " OR (state = 'stored' AND expires_at <= ?)) ORDER BY state_since LIMIT ?",
        List.of(utc(copiesBefore), utc(deletedBefore), utc(now), rowsMax));
  }

  /// Removes the bytes of a file, unless it has come back meanwhile.
  ///
  /// @param removal is done with the row locked
  void free(StoredFile file, Instant now, Runnable removal) {
    transactions.callDurably(connection -> {
      if (exists(
          connection,
          "SELECT 1 FROM file WHERE file_id = ? AND NOT freed"
              + " AND (state = 'deleted' OR expires_at <= ?) FOR UPDATE",
          file.id(),
          utc(now))) {
        removal.run();
        update(connection, "UPDATE file SET freed = true WHERE file_id = ?", file.id());
      }
      return true;
    });
  }

  /// Forgets files that were deleted before `deletedBefore` or expired before `expiredBefore`, and
  /// whose bytes are gone.
  int forget(Instant deletedBefore, Instant expiredBefore) {
    return transactions.callDurably(connection ->
        update(
            connection,
            "DELETE FROM file WHERE freed AND ((state = 'deleted' AND state_since < ?)"
                + " OR (state = 'stored' AND expires_at < ?))",
            utc(deletedBefore),
            utc(expiredBefore)));
  }

  private interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  private List<StoredFile> files(String sql, List<Object> values) {
    return query(sql, values, PostgresFiles::file);
  }

  private <T> List<T> query(String sql, List<Object> values, RowReader<T> reader) {
    try (Connection connection = database.getConnection()) {
      return select(connection, sql, values, reader);
    } catch (SQLException e) {
      throw PostgresErrors.of(e);
    }
  }

  private static long bytesStored(Connection connection) throws SQLException {
    return select(
            connection,
            "SELECT coalesce(sum(size_bytes), 0)::bigint FROM file"
                + " WHERE state = 'stored' AND NOT freed AND origin <> 'session_input'",
            List.of(),
            row -> row.getLong(1))
        .getFirst();
  }

  private static void write(
      Connection connection,
      String sql,
      StoredFile file,
      String state,
      Instant since,
      @Nullable String path,
      @Nullable Long offset)
      throws SQLException {
    SessionId scope = file.scope();
    update(
        connection,
        sql,
        file.id(),
        file.workspaceId(),
        file.origin().stored(),
        scope == null ? null : scope.value(),
        file.filename(),
        file.mediaType(),
        file.sizeBytes(),
        utc(file.createdAt()),
        expiry(file),
        file.blobKey(),
        state,
        utc(since),
        path,
        offset);
  }

  private static StoredFile file(ResultSet row) throws SQLException {
    StoredFile.Origin origin = StoredFile.Origin.of(row.getString("origin"));
    String session = row.getString("session_id");
    OffsetDateTime expiresAt = row.getObject("expires_at", OffsetDateTime.class);
    return new StoredFile(
        row.getString("file_id"),
        row.getString("workspace_id"),
        row.getString("filename"),
        row.getString("media_type"),
        row.getLong("size_bytes"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        expiresAt == null ? null : expiresAt.toInstant(),
        origin == StoredFile.Origin.SESSION_OUTPUT,
        session == null ? null : new SessionId(session),
        row.getString("blob_key"),
        origin);
  }

  private static boolean exists(Connection connection, String sql, Object... values)
      throws SQLException {
    return !select(connection, sql, List.of(values), _ -> true).isEmpty();
  }

  private static <T> List<T> select(
      Connection connection, String sql, List<?> values, RowReader<T> reader) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.size(); i++) {
        if (values.get(i) instanceof String[] texts) {
          statement.setArray(i + 1, connection.createArrayOf("text", texts));
        } else {
          statement.setObject(i + 1, values.get(i));
        }
      }
      try (ResultSet rows = statement.executeQuery()) {
        List<T> list = new ArrayList<>();
        while (rows.next()) {
          list.add(reader.read(rows));
        }
        return list;
      }
    }
  }

  private static int update(Connection connection, String sql, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      return statement.executeUpdate();
    }
  }

  private static @Nullable OffsetDateTime expiry(StoredFile file) {
    Instant expiresAt = file.expiresAt();
    return expiresAt == null ? null : utc(expiresAt);
  }

  private static OffsetDateTime utc(Instant time) {
    return time.atOffset(ZoneOffset.UTC);
  }
}
