package io.steward.sandbox.packages;

/// Packages could not be installed.
final class InstallFailedException extends Exception {
  private static final long serialVersionUID = 1;

  private final String reason;

  InstallFailedException(String reason) {
    super(reason);
    this.reason = reason;
  }

  /// For the agent and the client.
  String reason() {
    return reason;
  }
}
