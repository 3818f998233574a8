package io.steward.sandbox.save;

import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;

/// The newest save points in the table `sandbox.save_point`.
public final class PostgresHeads implements Heads {
  private static final String FIND =
      "SELECT number, manifest_key FROM sandbox.save_point WHERE session_id = ?";
  private static final String FIRST =
      "INSERT INTO sandbox.save_point (number, manifest_key, session_id) VALUES (?, ?, ?)"
          + " ON CONFLICT DO NOTHING";
  private static final String NEXT =
      "UPDATE sandbox.save_point SET number = ?, manifest_key = ?, saved_at = now()"
          + " WHERE session_id = ? AND manifest_key = ?";
  private static final String REMOVE = "DELETE FROM sandbox.save_point WHERE session_id = ?";

  private final DataSource database;

  public PostgresHeads(DataSource database) {
    this.database = database;
  }

  @Override
  public Optional<Head> find(SessionId session) throws IOException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setString(1, session.value());
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(new Head(row.getLong("number"), row.getString("manifest_key")))
            : Optional.empty();
      }
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }

  @Override
  public boolean advance(SessionId session, Optional<Head> expected, Head next) throws IOException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(expected.isPresent() ? NEXT : FIRST)) {
      statement.setLong(1, next.number());
      statement.setString(2, next.key());
      statement.setString(3, session.value());
      if (expected.isPresent()) {
        statement.setString(4, expected.get().key());
      }
      return statement.executeUpdate() == 1;
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }

  @Override
  public void remove(SessionId session) throws IOException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(REMOVE)) {
      statement.setString(1, session.value());
      statement.executeUpdate();
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }
}
