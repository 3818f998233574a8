package io.steward.sessionlog.resource;

import static io.steward.sessionlog.Samples.T0;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.Envelope;
import io.steward.sessionlog.files.StoredFile;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// [SessionFiles] in memory.
public final class CopiedFiles implements SessionFiles {
  private final Map<String, StoredFile> files = new HashMap<>();
  private final TreeSet<String> copies = new TreeSet<>();
  private int copiesMax = Integer.MAX_VALUE;

  /// Has a file.
  public CopiedFiles with(String id, String mediaType, long sizeBytes) {
    return with(id, mediaType, sizeBytes, null);
  }

  /// Has a file that expires.
  public CopiedFiles with(
      String id, String mediaType, long sizeBytes, @Nullable Instant expiresAt) {
    files.put(id, file(id, mediaType, sizeBytes, expiresAt, null));
    return this;
  }

  /// Fails once it has made that many copies.
  public CopiedFiles failingAfter(int count) {
    copiesMax = count;
    return this;
  }

  /// Ids of the copies there are.
  public TreeSet<String> copies() {
    return copies;
  }

  @Override
  public Optional<StoredFile> find(String fileId) {
    return Optional.ofNullable(files.get(fileId));
  }

  @Override
  public StoredFile addSessionCopy(SessionId session, StoredFile file, String copyId, Instant now) {
    if (copies.size() == copiesMax) {
      throw new IllegalStateException("the disk is full");
    }
    copies.add(copyId);
    return file(copyId, file.mediaType(), file.sizeBytes(), null, session);
  }

  @Override
  public void withdraw(SessionId session, String copyId) {
    copies.remove(copyId);
  }

  @Override
  public void remove(String copyId) {
    copies.remove(copyId);
  }

  private static StoredFile file(
      String id,
      String mediaType,
      long sizeBytes,
      @Nullable Instant expiresAt,
      @Nullable SessionId scope) {
    return new StoredFile(
        id,
        Envelope.DEFAULT_WORKSPACE,
        "name",
        mediaType,
        sizeBytes,
        T0,
        expiresAt,
        false,
        scope,
        "files/" + id,
        StoredFile.Origin.UPLOAD);
  }
}
