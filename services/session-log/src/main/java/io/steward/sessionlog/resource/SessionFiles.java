package io.steward.sessionlog.resource;

import io.steward.schemas.id.SessionId;
import io.steward.sessionlog.files.StoredFile;
import java.time.Instant;
import java.util.Optional;

/// The files of the Files API, as far as sessions need them.
public interface SessionFiles {
  /// The file of that id, also when it has expired.
  Optional<StoredFile> find(String fileId);

  /// Copies a file under an id of its own, for as long as the session lives.
  StoredFile addSessionCopy(SessionId session, StoredFile file, String copyId, Instant now);

  /// Takes back a copy that nobody was told of.
  void withdraw(SessionId session, String copyId);

  /// Removes a copy that its session does not mount any more, once no call can need it.
  void remove(String copyId);
}
