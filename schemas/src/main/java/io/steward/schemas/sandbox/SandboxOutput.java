package io.steward.schemas.sandbox;

import io.steward.schemas.id.SessionId;
import java.time.Instant;

/// The agent left a file in `/mnt/session/outputs`, and it is whole in the blob store: a record of
/// `sandbox-events`. It may come more than once. A later record of the same path replaces the file.
///
/// @param fileId the id the file gets; derived from session, path and content
/// @param path relative to `/mnt/session/outputs`, with slashes
/// @param mediaType guessed from the name and content
/// @param sha256 lower-case hexadecimal digits
public record SandboxOutput(
    SessionId sessionId,
    String fileId,
    String path,
    String blobKey,
    String mediaType,
    long sizeBytes,
    String sha256,
    Instant at) {
  public static final String TYPE = "sandbox.output_written";
}
