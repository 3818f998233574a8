package io.steward.sessionlog.files;

import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/// Files as other features use them: to look one up, and to give a session its own copy.
@Singleton
public class FileStore {
  private final PostgresFiles files;
  private final BlobStore blobs;
  private final InstantSource clock;

  FileStore(PostgresFiles files, BlobStore blobs, InstantSource clock) {
    this.files = files;
    this.blobs = blobs;
    this.clock = clock;
  }

  /// The file of that id, also when it has expired; empty when there is none, or it was deleted.
  public Optional<StoredFile> find(String fileId) {
    return FileRules.isId(fileId) ? files.find(fileId) : Optional.empty();
  }

  /// A copy of `file` under `<session>/files/<copyId>`, with an id of its own, which can be
  /// retrieved, but is never listed, given out or counted. It goes with the session. Its row comes
  /// before its bytes, so that a sweep finds them when this process ends in between.
  ///
  /// @throws ApiException 404 `file_expired` when the bytes are gone
  public StoredFile addSessionCopy(SessionId session, StoredFile file, String copyId, Instant now) {
    if (file.expiredAt(clock.instant())) {
      throw expired(file.id());
    }
    StoredFile added =
        new StoredFile(
            copyId,
            file.workspaceId(),
            file.filename(),
            file.mediaType(),
            file.sizeBytes(),
            now,
            null,
            false,
            session,
            copyKey(session, copyId),
            StoredFile.Origin.SESSION_INPUT);
    files.insert(added);
    try {
      blobs.copy(file.blobKey(), added.blobKey());
    } catch (NoSuchFileException e) {
      files.withdraw(copyId);
      throw expired(file.id());
    } catch (IOException e) {
      files.withdraw(copyId);
      throw new UncheckedIOException(e);
    }
    return added;
  }

  /// Takes back a copy that nobody was told of, or that could not be made. The bytes go first: a
  /// row without them is found again.
  public void withdrawSessionCopy(SessionId session, String copyId) {
    try {
      blobs.delete(copyKey(session, copyId));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    files.withdraw(copyId);
  }

  /// Makes a copy invisible that its session does not mount any more. Its bytes go once no call can
  /// need them.
  public void removeSessionCopy(String copyId) {
    files.delete(copyId, clock.instant());
  }

  private static String copyKey(SessionId session, String copyId) {
    return session.value() + "/files/" + copyId;
  }

  /// 404: the file is known, its bytes are gone.
  static ApiException expired(String fileId) {
    return new ApiException(
        new ApiError(
            404,
            "not_found_error",
            "The file " + fileId + " has expired: its content is gone.",
            "file_expired",
            null));
  }
}
