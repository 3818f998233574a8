package io.steward.sandbox.kubernetes;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import javax.sql.DataSource;

/// Reads the table `sandbox.instance`, by the clock of the database.
public final class PostgresInstances implements Instances {
  private final DataSource database;

  public PostgresInstances(DataSource database) {
    this.database = database;
  }

  @Override
  public Set<String> heardWithin(Duration longest) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT owner FROM sandbox.instance"
                    + " WHERE seen_at > now() - ? * interval '1 millisecond'")) {
      statement.setLong(1, longest.toMillis());
      Set<String> heard = new HashSet<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          heard.add(rows.getString("owner"));
        }
      }
      return heard;
    } catch (SQLException e) {
      throw new IllegalStateException("instances of the sandbox service cannot be read", e);
    }
  }
}
