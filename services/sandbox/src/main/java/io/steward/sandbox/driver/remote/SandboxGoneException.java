package io.steward.sandbox.driver.remote;

import java.io.IOException;

/// A sandbox is over and never comes back.
public final class SandboxGoneException extends IOException {
  private static final long serialVersionUID = 1;

  /// @param cause part of a sentence the model reads: "its memory was used up"
  public SandboxGoneException(String cause) {
    super(cause);
  }
}
