package io.steward.vaultproxy.mcp;

/// A server understood a request and answered with an error. It can be used further.
final class ServerError extends Exception {
  private static final long serialVersionUID = 1;
  private static final int CHARS_MAX = 2_000;

  /// @param message what the server says
  ServerError(String message) {
    super(
        message.length() > CHARS_MAX ? message.substring(0, CHARS_MAX) : message,
        null,
        false,
        false);
  }

  String message() {
    return String.valueOf(getMessage());
  }
}
