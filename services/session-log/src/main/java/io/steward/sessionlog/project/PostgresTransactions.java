package io.steward.sessionlog.project;

import io.agroal.api.AgroalDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/// Runs work in a transaction. An exception rolls everything back.
public final class PostgresTransactions {
  private final AgroalDataSource database;

  public PostgresTransactions(AgroalDataSource database) {
    this.database = database;
  }

  /// What is done in one transaction.
  @FunctionalInterface
  public interface Work<T> {
    T in(Connection connection) throws SQLException;
  }

  /// The result of `work`, committed as the data source commits: without waiting for the disk,
  /// which is for what can be made again.
  ///
  /// @throws RuntimeException of [PostgresErrors], or as `work` throws
  public <T> T call(Work<T> work) {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        T result = work.in(connection);
        connection.commit();
        return result;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      }
    } catch (SQLException e) {
      throw PostgresErrors.of(e);
    }
  }

  /// As [#call], and on the disk once it returned: for what is in no log.
  public <T> T callDurably(Work<T> work) {
    return call(connection -> {
      try (PreparedStatement durable =
          connection.prepareStatement("SET LOCAL synchronous_commit = on")) {
        durable.executeUpdate();
      }
      return work.in(connection);
    });
  }
}
