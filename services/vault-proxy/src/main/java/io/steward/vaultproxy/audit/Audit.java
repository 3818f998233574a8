package io.steward.vaultproxy.audit;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.vault.CredentialUse.Purpose;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// What those need who use credentials.
public record Audit(CredentialUses uses, InstantSource clock) {
  /// Told to those who wanted to use a credential while no use can be kept.
  public static final String NO_ROOM =
      "Uses of credentials cannot be recorded at the moment, so none is used.";

  /// One who uses credentials for one purpose.
  ///
  /// @param sessionId null when it is for no one session
  public CredentialUser user(Purpose purpose, String workspaceId, @Nullable SessionId sessionId) {
    return new CredentialUser(this, purpose, workspaceId, sessionId);
  }
}
