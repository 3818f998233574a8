package io.steward.sessionlog.view;

import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import io.steward.sessionlog.http.Request;
import java.time.Instant;

/// Shows a session that is known.
public final class Views {
  private Views() {}

  /// The session as the API shows it at `now`.
  ///
  /// @throws io.steward.schemas.http.ApiException 404 when it does not exist, or no more
  public static SessionSummary.View session(Session session, String id, Instant now) {
    SessionFacts facts = facts(session, id);
    return SessionSummary.of(session, facts).view(facts.agent(), now);
  }

  /// What is known about a session.
  ///
  /// @throws io.steward.schemas.http.ApiException 404 when it does not exist, or no more
  public static SessionFacts facts(Session session, String id) {
    return session.known().orElseThrow(() -> Request.noSession(id));
  }
}
