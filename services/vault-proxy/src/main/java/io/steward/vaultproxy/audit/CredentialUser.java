package io.steward.vaultproxy.audit;

import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.vault.CredentialUse;
import io.steward.schemas.vault.CredentialUse.Outcome;
import io.steward.schemas.vault.CredentialUse.Purpose;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// One who uses credentials for one purpose. Says what it used after it was used.
///
/// @param sessionId null when it is for no one session
public record CredentialUser(
    Audit audit, Purpose purpose, String workspaceId, @Nullable SessionId sessionId) {
  /// A credential.
  ///
  /// @param vaultId null for the token of a repository
  public record Used(@Nullable String vaultId, String credentialId) {}

  /// Whether a credential may be used now.
  public boolean mayUse() {
    return audit.uses().hasRoom();
  }

  /// Keeps a use, and waits for that a little.
  ///
  /// @param status of the answer; null when there was none, or several
  public void record(Used used, Destination to, Outcome outcome, @Nullable Integer status) {
    audit.uses().record(use(used, to, outcome, status));
  }

  /// Keeps a use, without waiting.
  ///
  /// @param status as above
  public void note(Used used, Destination to, Outcome outcome, @Nullable Integer status) {
    audit.uses().note(use(used, to, outcome, status));
  }

  private CredentialUse use(Used used, Destination to, Outcome outcome, @Nullable Integer status) {
    return new CredentialUse(
        Ids.random("vuse_"),
        audit.clock().instant().truncatedTo(ChronoUnit.MILLIS), // As lists are ordered.
        workspaceId,
        used.vaultId(),
        used.credentialId(),
        sessionId,
        purpose,
        to.host(),
        to.port(),
        to.secure(),
        outcome,
        status);
  }
}
