package io.steward.harness.log;

import io.steward.schemas.session.Session;

/// A session as session-log has folded it.
///
/// @param bytes of the answer with it, roughly what the session weighs
public record FoldedSession(Session session, long bytes) {
  /// One that session-log does not know.
  public static final FoldedSession ABSENT = new FoldedSession(Session.ABSENT, 0);
}
