package io.steward.sessionlog.resource;

import io.steward.schemas.id.SessionId;
import io.steward.sessionlog.files.FileStore;
import io.steward.sessionlog.files.StoredFile;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.Optional;

/// [SessionFiles] in the file store.
@Singleton
class StoredSessionFiles implements SessionFiles {
  private final FileStore files;

  StoredSessionFiles(FileStore files) {
    this.files = files;
  }

  @Override
  public Optional<StoredFile> find(String fileId) {
    return files.find(fileId);
  }

  @Override
  public StoredFile addSessionCopy(SessionId session, StoredFile file, String copyId, Instant now) {
    return files.addSessionCopy(session, file, copyId, now);
  }

  @Override
  public void withdraw(SessionId session, String copyId) {
    files.withdrawSessionCopy(session, copyId);
  }

  @Override
  public void remove(String copyId) {
    files.removeSessionCopy(copyId);
  }
}
