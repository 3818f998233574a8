package io.steward.sessionlog.ask;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import io.steward.sessionlog.log.LogWriter;
import io.steward.sessionlog.project.Sessions;
import io.steward.sessionlog.view.Views;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/// Appends a `…_requested` record and tells what came of it.
@Singleton
public class Asking {
  private static final String SET_ASIDE =
      "The session's log holds what this server cannot read, so it can only be deleted.";

  private final Sessions sessions;
  private final LogWriter writer;

  Asking(Sessions sessions, LogWriter writer) {
    this.sessions = sessions;
    this.writer = writer;
  }

  /// What came of a request.
  ///
  /// @param session as it was once it had read the request
  /// @param refusal why nothing changed, or null when it was granted
  public record Outcome(Session session, @Nullable String refusal) {
    /// The session, once the request was granted.
    ///
    /// @throws ApiException 400 when it was not
    public Session granted() {
      if (refusal != null) {
        throw new ApiException(ApiError.invalid(refusal));
      }
      return session;
    }
  }

  /// Asks, and waits until the session has read the request back.
  ///
  /// @throws ApiException 404 when the session was deleted first, 503 when it takes too long
  public Outcome ask(SessionId id, SessionRecord asked) {
    LoggedRecord record = writer.append(id, asked);
    sessions.awaitRecord(id, record.offset());
    Session after = sessions.known(id);
    if (after.known().isPresent() && answer(after, record) == null) {
      after = sessions.at(id, record.offset());
    }
    if (asked instanceof SessionRecord.DeleteRequested && after.known().isEmpty()) {
      return new Outcome(after, null);
    }
    Views.facts(after, id.value());
    // A session that was set aside reads no more requests.
    SessionFacts.RequestOutcome outcome = answer(after, record);
    return new Outcome(after, outcome == null ? SET_ASIDE : outcome.refusal());
  }

  /// Refuses what a session that was set aside would never read.
  ///
  /// @throws ApiException 400 when it was
  public static void requireReadable(Session session) {
    if (session instanceof Session.SetAside) {
      throw new ApiException(ApiError.invalid(SET_ASIDE));
    }
  }

  /// What came of this request, unless the newest one the session has read is another.
  private static SessionFacts.@Nullable RequestOutcome answer(
      Session session, LoggedRecord record) {
    return session
        .known()
        .map(SessionFacts::lastRequest)
        .filter(outcome -> outcome.recordId().equals(record.recordId()))
        .orElse(null);
  }
}
