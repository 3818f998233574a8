package io.steward.simulation;

import io.steward.schemas.event.SessionEvent.ClientEvent;
import io.steward.schemas.id.SessionId;
import java.util.List;

/// Events a client sends, and what it hears.
final class ClientRequest {
  private final SessionId session;
  private final List<ClientEvent> events;
  private Reply reply = Reply.NONE;

  /// What the client was told.
  enum Reply {
    NONE,
    ACCEPTED,
    REFUSED,
    /// 503, or nothing at all: nobody knows.
    UNAVAILABLE
  }

  ClientRequest(SessionId session, List<ClientEvent> events) {
    this.session = session;
    this.events = List.copyOf(events);
  }

  SessionId session() {
    return session;
  }

  List<ClientEvent> events() {
    return events;
  }

  Reply reply() {
    return reply;
  }

  void reply(Reply first) {
    if (reply == Reply.NONE) {
      reply = first;
    }
  }
}
