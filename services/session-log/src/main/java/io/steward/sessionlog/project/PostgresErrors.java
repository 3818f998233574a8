package io.steward.sessionlog.project;

import io.steward.schemas.kafka.DependencyAwayException;
import java.sql.SQLException;
import java.util.Set;

/// What it means that a statement failed.
public final class PostgresErrors {
  /// Classes of SQL states that come again with the same values: they do not fit their columns, a
  /// constraint, or an index.
  private static final Set<String> REFUSED = Set.of("22", "23", "54");

  private static final int CLASS_LENGTH = 2;

  private PostgresErrors() {}

  /// The exception to throw: [DependencyAwayException] when the same may succeed later, otherwise
  /// [IllegalStateException]. The details of the database, which may hold values, are left out.
  public static RuntimeException of(SQLException failure) {
    String state = failure.getSQLState();
    return state != null
            && state.length() > CLASS_LENGTH
            && REFUSED.contains(state.substring(0, CLASS_LENGTH))
        ? new IllegalStateException("the database refused values, SQL state " + state)
        : new DependencyAwayException("the database", failure);
  }
}
