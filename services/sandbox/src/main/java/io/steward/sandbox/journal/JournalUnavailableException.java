package io.steward.sandbox.journal;

import java.sql.SQLException;

/// The journal could not be asked. Nothing may run on an answer it did not give.
public final class JournalUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  JournalUnavailableException(SQLException cause) {
    super(cause);
  }
}
