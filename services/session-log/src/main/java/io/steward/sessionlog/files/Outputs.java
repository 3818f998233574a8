package io.steward.sessionlog.files;

import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.sandbox.SandboxOutput;
import io.steward.schemas.session.Session;
import io.steward.sessionlog.project.Sessions;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Makes files of what agents wrote. A path that is written again has a new file in place of the
/// old one.
@Singleton
class Outputs {
  private static final Logger LOG = Logger.getLogger(Outputs.class);
  private static final Pattern BLOB_KEY =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+");

  private final PostgresFiles files;
  private final Sessions sessions;
  private final BlobStore blobs;
  private final InstantSource clock;

  Outputs(PostgresFiles files, Sessions sessions, BlobStore blobs, InstantSource clock) {
    this.files = files;
    this.sessions = sessions;
    this.blobs = blobs;
    this.clock = clock;
  }

  /// Takes what a record says. Again is no different from once.
  ///
  /// @param output has passed [#check]
  /// @param offset of the record
  void take(SandboxOutput output, String workspaceId, long offset) {
    SessionId session = output.sessionId();
    // The record may be read before the projection knows the session, but the log does.
    Session known = sessions.current(session);
    if (known instanceof Session.Absent || known instanceof Session.Deleted) {
      remove(output);
      return;
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    StoredFile file = file(output, workspaceId);
    switch (files.output(file, session, output.path(), offset, now)) {
      case STORED ->
          LOG.infof(
              "session_id=%s file_id=%s is stored with %d bytes",
              session, file.id(), file.sizeBytes());
      case OLD_NEWS -> LOG.debugf("session_id=%s file_id=%s is known", session, file.id());
      case NO_SESSION -> remove(output);
    }
  }

  private static StoredFile file(SandboxOutput output, String workspaceId) {
    String name = output.path().substring(output.path().lastIndexOf('/') + 1);
    return new StoredFile(
        output.fileId(),
        workspaceId,
        name,
        FileRules.mediaType(output.mediaType(), name),
        output.sizeBytes(),
        output.at().truncatedTo(ChronoUnit.MILLIS),
        null,
        true,
        output.sessionId(),
        output.blobKey(),
        StoredFile.Origin.SESSION_OUTPUT);
  }

  private void remove(SandboxOutput output) {
    LOG.warnf(
        "session_id=%s is gone; what it wrote is removed, file_id=%s",
        output.sessionId(), output.fileId());
    try {
      blobs.delete(output.blobKey());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// JSON may leave out what the type says is there, and nothing outside of the session may be
  /// touched.
  ///
  /// @throws UnreadableRecordException when nothing can be made of the record
  static void check(SandboxOutput output) throws UnreadableRecordException {
    if (!isPresent(output.sessionId())
        || !isPresent(output.fileId())
        || !isPresent(output.path())
        || !isPresent(output.blobKey())
        || !isPresent(output.at())) {
      throw new UnreadableRecordException("a required field of the output is missing");
    }
    if (!FileRules.isId(output.fileId())) {
      throw new UnreadableRecordException("file_id is not the id of a file");
    }
    if (!output.blobKey().startsWith(output.sessionId().value() + "/")
        || !BLOB_KEY.matcher(output.blobKey()).matches()) {
      throw new UnreadableRecordException("blob_key does not belong to the session");
    }
    if (output.path().isEmpty() || output.path().indexOf('\0') >= 0 || output.sizeBytes() < 0) {
      throw new UnreadableRecordException("path or size_bytes is out of range");
    }
  }

  private static boolean isPresent(@Nullable Object value) {
    return value != null;
  }
}
