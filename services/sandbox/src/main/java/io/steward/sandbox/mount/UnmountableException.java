package io.steward.sandbox.mount;

import java.io.IOException;

/// A mount cannot be made as it was asked for. The message completes "could not be mounted because
/// …" and is meant for the model.
final class UnmountableException extends IOException {
  private static final long serialVersionUID = 1;

  UnmountableException(String because) {
    super(because);
  }
}
