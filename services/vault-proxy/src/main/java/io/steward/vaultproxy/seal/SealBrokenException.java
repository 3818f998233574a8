package io.steward.vaultproxy.seal;

/// A sealed secret that cannot be opened here. The message says why and holds no secret.
public final class SealBrokenException extends Exception {
  private static final long serialVersionUID = 1;

  SealBrokenException(String message) {
    super(message);
  }
}
