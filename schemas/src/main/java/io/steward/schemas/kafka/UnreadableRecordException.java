package io.steward.schemas.kafka;

/// A record that is not in the form `asyncapi.yaml` gives. The message says why, and never quotes
/// the body.
public final class UnreadableRecordException extends Exception {
  private static final long serialVersionUID = 1L;

  public UnreadableRecordException(String message) {
    super(message);
  }

  public UnreadableRecordException(String message, Throwable cause) {
    super(message, cause);
  }
}
