package io.steward.sessionlog.resource;

import io.steward.schemas.event.Attachment;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.sessionlog.files.StoredFile;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/// The copies of files one request makes for a session. When it is closed before the log was told
/// of them, they are taken back.
public final class SessionCopies implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(SessionCopies.class);
  private static final String ID_PREFIX = "file_";
  private static final int SERVER_ERRORS_FROM = 500;

  private final SessionFiles files;
  private final SessionId session;
  private final Instant now;
  private final List<String> made = new ArrayList<>();

  /// @param now when the copies are made
  public SessionCopies(SessionFiles files, SessionId session, Instant now) {
    this.files = files;
    this.session = session;
    this.now = now;
  }

  /// A copy of a file that content names: events go on naming the file itself.
  public Attachment content(StoredFile file) {
    return attachment(mounted(file));
  }

  /// A copy of a file that is mounted: its id is the one the session shows.
  StoredFile mounted(StoredFile file) {
    String copyId = Ids.random(ID_PREFIX);
    made.add(copyId);
    return files.addSessionCopy(session, file, copyId, now);
  }

  static Attachment attachment(StoredFile copy) {
    return new Attachment(copy.blobKey(), copy.filename(), copy.mediaType(), copy.sizeBytes());
  }

  /// Tells the log of the copies. They stay unless the answer is a refusal, because only then it is
  /// certain that nobody will know of them: after any other failure the record may be there.
  public <T> T tell(Supplier<T> telling) {
    List<String> told = List.copyOf(made);
    made.clear();
    try {
      return telling.get();
    } catch (ApiException e) {
      if (e.error().status() < SERVER_ERRORS_FROM) {
        made.addAll(told);
      }
      throw e;
    }
  }

  @Override
  public void close() {
    for (String copyId : made) {
      try {
        files.withdraw(session, copyId);
      } catch (RuntimeException e) {
        LOG.warnf("session_id=%s: the copy %s stays: %s", session, copyId, e.getMessage());
      }
    }
    made.clear();
  }
}
