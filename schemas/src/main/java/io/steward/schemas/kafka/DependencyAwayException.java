package io.steward.schemas.kafka;

/// Something a [RecordHandler] needs does not answer, such as its database. Nothing is wrong with
/// the record: it is handed over again until that is back.
public final class DependencyAwayException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// @param dependency names what is away: "the database"
  public DependencyAwayException(String dependency, Throwable cause) {
    super(dependency + " does not answer", cause);
  }
}
