package io.steward.sandbox.save;

import java.io.IOException;

/// A save point is not made, or cannot be used. The message completes "because …".
final class SaveRefusedException extends IOException {
  private static final long serialVersionUID = 1;

  SaveRefusedException(String because) {
    super(because);
  }
}
