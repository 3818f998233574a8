package io.steward.vaultproxy.postgres;

import io.steward.schemas.kafka.DependencyAwayException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/// What a failure of the database means to who asked.
public final class Failures {
  private static final String DATA = "22";
  private static final String CONSTRAINT = "23";

  private Failures() {}

  /// The exception to throw. A [DependencyAwayException] means that the same question may be
  /// answered later; what was asked for may have happened or not. Anything else will fail again.
  public static RuntimeException of(SQLException failure) {
    return isOfTheQuestion(failure.getSQLState())
        ? new IllegalStateException("the database refuses a value", failure)
        : new DependencyAwayException("the database", failure);
  }

  private static boolean isOfTheQuestion(@Nullable String state) {
    return state != null && (state.startsWith(DATA) || state.startsWith(CONSTRAINT));
  }
}
