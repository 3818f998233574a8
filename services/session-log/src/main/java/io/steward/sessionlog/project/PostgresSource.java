package io.steward.sessionlog.project;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// From which log the projection is, how far each partition was read, and which making of it this
/// is. Everything here happens in a transaction of the caller.
final class PostgresSource {
  /// The tables that are made from the log alone. Everything else in the schema stays when the
  /// projection is made again.
  static final List<String> PROJECTED =
      List.of("partition_position", "session_record", "session_event", "session_fold", "session");

  private static final String MOVE_POSITION =
      "UPDATE partition_position SET next_offset = ?, leader_epoch = ?"
          + " WHERE partition_no = ? AND next_offset = ?";

  private PostgresSource() {}

  /// The one row.
  ///
  /// @param topicId null when nothing was read yet
  /// @param generation of the projection
  /// @param wanted above `generation`: an operator wants the projection to be made again
  record Row(@Nullable String topicId, long generation, long wanted) {
    boolean isWanted() {
      return wanted > generation;
    }
  }

  static Row read(Connection connection) throws SQLException {
    return read(connection, "");
  }

  private static Row read(Connection connection, String lock) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT topic_id, generation, wanted FROM projection_source" + lock);
        ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        throw new SQLException("the table projection_source is empty");
      }
      return new Row(row.getString(1), row.getLong(2), row.getLong(3));
    }
  }

  /// Empties the projection when that is wanted and no other replica has done it yet. Waits for
  /// those who read or write it at this moment.
  static Row emptyIfWanted(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // Somebody may have emptied this table with the others.
      statement.execute("INSERT INTO projection_source DEFAULT VALUES ON CONFLICT DO NOTHING");
    }
    Row known = read(connection);
    Row row = known.isWanted() ? read(connection, " FOR UPDATE") : known;
    if (!row.isWanted()) {
      return row;
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL synchronous_commit = on");
      statement.execute("SET LOCAL lock_timeout = '5s'");
      statement.execute("TRUNCATE " + String.join(", ", PROJECTED));
      statement.execute("UPDATE projection_source SET generation = wanted, topic_id = NULL");
    }
    return new Row(null, row.wanted(), row.wanted());
  }

  /// From now on the projection is of this topic.
  static void claim(Connection connection, String topicId) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE projection_source SET topic_id = ? WHERE topic_id IS DISTINCT FROM ?")) {
      update.setString(1, topicId);
      update.setString(2, topicId);
      update.executeUpdate();
    }
  }

  /// The stored position of each partition; a new partition begins at 0.
  static Map<Integer, Long> positions(Connection connection, int partitions) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO partition_position VALUES (?, 0) ON CONFLICT DO NOTHING")) {
      for (int partition = 0; partition < partitions; partition++) {
        insert.setInt(1, partition);
        insert.addBatch();
      }
      insert.executeBatch();
    }
    Map<Integer, Long> positions = new HashMap<>();
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT partition_no, next_offset FROM partition_position");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        positions.put(rows.getInt(1), rows.getLong(2));
      }
    }
    return positions;
  }

  /// The leader epochs stored with the positions, where known.
  static Map<Integer, Integer> epochs(Connection connection) throws SQLException {
    Map<Integer, Integer> epochs = new HashMap<>();
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT partition_no, leader_epoch FROM partition_position"
                    + " WHERE leader_epoch IS NOT NULL");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        epochs.put(rows.getInt(1), rows.getInt(2));
      }
    }
    return epochs;
  }

  /// Moves the positions that differ from `before`.
  ///
  /// @return false when another replica moved one of them first
  static boolean move(
      Connection connection,
      Map<Integer, Long> after,
      Map<Integer, Integer> epochs,
      Map<Integer, Long> before)
      throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(MOVE_POSITION)) {
      List<Integer> moving =
          after.entrySet().stream()
              .filter(entry -> !entry.getValue().equals(before.get(entry.getKey())))
              .map(Map.Entry::getKey)
              .sorted()
              .toList();
      for (Integer partition : moving) {
        update.setLong(1, after.getOrDefault(partition, 0L));
        update.setObject(2, epochs.get(partition), Types.INTEGER);
        update.setInt(3, partition);
        update.setLong(4, before.getOrDefault(partition, 0L));
        update.addBatch();
      }
      for (int count : update.executeBatch()) {
        if (count != 1) {
          return false;
        }
      }
      return true;
    }
  }
}
