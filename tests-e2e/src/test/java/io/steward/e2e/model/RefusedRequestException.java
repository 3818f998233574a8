package io.steward.e2e.model;

/// A request the real API would refuse, with the status and error type it would refuse it with.
final class RefusedRequestException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String type;

  private RefusedRequestException(int status, String type, String message) {
    super(message);
    this.status = status;
    this.type = type;
  }

  static RefusedRequestException invalid(String message) {
    return new RefusedRequestException(400, "invalid_request_error", message);
  }

  static RefusedRequestException unauthorized(String message) {
    return new RefusedRequestException(401, "authentication_error", message);
  }

  static void unless(boolean allowed, String message) throws RefusedRequestException {
    if (!allowed) {
      throw invalid(message);
    }
  }

  Reply.HttpError reply() {
    return new Reply.HttpError(status, type, String.valueOf(getMessage()), java.util.Map.of());
  }
}
