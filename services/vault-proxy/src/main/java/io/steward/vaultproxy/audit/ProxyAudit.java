package io.steward.vaultproxy.audit;

import io.steward.schemas.vault.CredentialUse.Outcome;
import io.steward.schemas.vault.CredentialUse.Purpose;
import io.steward.vaultproxy.audit.CredentialUser.Used;
import io.steward.vaultproxy.policy.Endpoint;
import io.steward.vaultproxy.policy.Refusal;
import io.steward.vaultproxy.policy.SandboxIdentity;
import io.steward.vaultproxy.proxy.ProxyObserver;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Keeps what the egress proxy uses. A use without a vault is one of a repository's token.
public final class ProxyAudit implements ProxyObserver {
  private static final Logger LOG = Logger.getLogger(ProxyAudit.class);

  private final Audit audit;

  public ProxyAudit(Audit audit) {
    this.audit = audit;
  }

  /// No credential was used.
  @Override
  public void refused(Refusal.Reason reason) {}

  @Override
  public void used(CredentialUse use) {
    boolean git = use.vaultId() == null;
    SandboxIdentity sandbox = use.sandbox();
    Endpoint endpoint = use.endpoint();
    @Nullable Integer status = use.status() == 0 ? null : use.status();
    LOG.infof(
        "credential used session_id=%s vault_id=%s credential_id=%s status=%s",
        sandbox.sessionId(), use.vaultId(), use.credentialId(), status);
    audit
        .user(git ? Purpose.GIT : Purpose.EGRESS, sandbox.workspaceId(), sandbox.sessionId())
        .note(
            new Used(use.vaultId(), use.credentialId()),
            new Destination(endpoint.host().text(), endpoint.port(), use.secure()),
            Outcome.of(status),
            status);
  }
}
