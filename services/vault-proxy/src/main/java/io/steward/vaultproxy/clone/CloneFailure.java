package io.steward.vaultproxy.clone;

import java.io.IOException;

/// Why a repository was not cloned. The message is for people and holds no secret.
public final class CloneFailure extends IOException {
  private static final long serialVersionUID = 1;

  /// What kind of failure it is.
  public enum Reason {
    /// The host rejected or missed a credential.
    AUTHENTICATION,
    /// The host refused access.
    FORBIDDEN,
    /// The host does not know the repository.
    NOT_FOUND,
    /// The branch or commit is missing.
    CHECKOUT,
    /// Anything else.
    CLONE
  }

  private final Reason reason;

  public CloneFailure(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
