package io.steward.vaultproxy.proxy;

import io.steward.vaultproxy.inject.Injection;
import io.steward.vaultproxy.policy.SandboxIdentity;
import java.util.List;

/// The secrets of a session that may be put into requests. It is asked for every request, so that a
/// rotated or archived credential is used, or not, from the next one on. It may wait, a bounded
/// time: it is called on virtual threads.
@FunctionalInterface
public interface SessionSecrets {
  /// @throws RuntimeException when they cannot be read now; the request is then refused
  List<Injection> of(SandboxIdentity sandbox);

  /// Whether the use of a secret can be recorded now; it is not used otherwise (ADR 20). Never
  /// waits.
  default boolean mayUse() {
    return true;
  }
}
