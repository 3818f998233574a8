package io.steward.vaultproxy.proxy;

import io.steward.vaultproxy.policy.Endpoint;
import io.steward.vaultproxy.policy.Refusal;
import io.steward.vaultproxy.policy.SandboxIdentity;

/// Is told what happened, for metrics and for the audit. Called by event loops: it must not wait.
public interface ProxyObserver {
  /// Something was not let out, or did not come back.
  void refused(Refusal.Reason reason);

  /// A secret left.
  void used(CredentialUse use);

  /// @param secure whether it left over TLS
  /// @param status of the answer, or 0 when none came
  record CredentialUse(
      SandboxIdentity sandbox,
      String vaultId,
      String credentialId,
      Endpoint endpoint,
      boolean secure,
      int status) {}
}
