package io.steward.vaultproxy.proxy;

import io.steward.vaultproxy.policy.Endpoint;
import io.steward.vaultproxy.policy.Refusal;
import io.steward.vaultproxy.policy.SandboxIdentity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Is told what happened, for metrics and for the audit. Called by event loops: it must not wait.
public interface ProxyObserver {
  /// Something was not let out, or did not come back.
  void refused(Refusal.Reason reason);

  /// A secret left, or signed what left.
  void used(CredentialUse use);

  /// One that tells them all.
  static ProxyObserver all(List<ProxyObserver> observers) {
    List<ProxyObserver> told = List.copyOf(observers);
    return new ProxyObserver() {
      @Override
      public void refused(Refusal.Reason reason) {
        told.forEach(observer -> observer.refused(reason));
      }

      @Override
      public void used(CredentialUse use) {
        told.forEach(observer -> observer.used(use));
      }
    };
  }

  /// @param vaultId of the vault; null when it was the token of a repository, for git
  /// @param credentialId of the credential, or the id of the repository's token
  /// @param secure whether it left over TLS
  /// @param status of the answer, or 0 when none came
  record CredentialUse(
      SandboxIdentity sandbox,
      @Nullable String vaultId,
      String credentialId,
      Endpoint endpoint,
      boolean secure,
      int status) {}
}
