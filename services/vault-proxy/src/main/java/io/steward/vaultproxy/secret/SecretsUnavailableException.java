package io.steward.vaultproxy.secret;

import java.sql.SQLException;

/// The store of secrets did not answer. What was asked for may have happened or not; it can be
/// asked again.
public final class SecretsUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  SecretsUnavailableException(SQLException cause) {
    super(cause);
  }
}
