package io.steward.schemas.http;

/// Carries an [ApiError] from a rule to the edge that answers with it.
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient ApiError error;

  public ApiException(ApiError error) {
    super(error.message());
    this.error = error;
  }

  /// What the client is told.
  public ApiError error() {
    return error;
  }
}
