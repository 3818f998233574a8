package io.steward.sessionlog.files;

import io.steward.schemas.id.SessionId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A file whose bytes were once stored whole. It never changes.
///
/// @param sizeBytes from 0
/// @param expiresAt from when on the bytes are gone; null when they stay
/// @param downloadable whether the API gives the bytes out
/// @param scope the session that wrote the file or was given it; null for an upload
/// @param blobKey where the bytes are
public record StoredFile(
    String id,
    String workspaceId,
    String filename,
    String mediaType,
    long sizeBytes,
    Instant createdAt,
    @Nullable Instant expiresAt,
    boolean downloadable,
    @Nullable SessionId scope,
    String blobKey,
    Origin origin) {

  /// Where a file came from.
  public enum Origin {
    /// A client sent it.
    UPLOAD("upload"),
    /// An agent left it in its outputs directory.
    SESSION_OUTPUT("session_output"),
    /// A session's own copy of a file it was given: never listed, and no part of the quota.
    SESSION_INPUT("session_input");

    private final String stored;

    Origin(String stored) {
      this.stored = stored;
    }

    /// As the database has it.
    String stored() {
      return stored;
    }

    static Origin of(String stored) {
      for (Origin origin : values()) {
        if (origin.stored.equals(stored)) {
          return origin;
        }
      }
      throw new IllegalArgumentException("no origin of a file: " + stored);
    }
  }

  /// Whether the bytes are gone at `time`.
  public boolean expiredAt(Instant time) {
    return expiresAt != null && !time.isBefore(expiresAt);
  }
}
