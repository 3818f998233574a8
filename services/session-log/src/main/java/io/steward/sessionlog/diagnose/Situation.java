package io.steward.sessionlog.diagnose;

import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import io.steward.sessionlog.work.WorkItem;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Everything a diagnosis is made from.
///
/// @param newest the newest events of the session, the newest first
/// @param heard what was told of slow work for the session and still holds
/// @param work the newest item of the session on the queue of its environment
/// @param workersPolling workers of that environment that polled lately
/// @param service how the service stands that has to act next, if one has to
record Situation(
    Session session,
    SessionFacts facts,
    List<SessionEvent> newest,
    List<Heard> heard,
    Optional<WorkItem> work,
    int workersPolling,
    Service.State service,
    Instant now) {
  /// When the newest event was processed for which `wanted` holds; otherwise when the session's log
  /// last changed.
  Instant since(Predicate<SessionEvent> wanted) {
    return newest.stream()
        .filter(event -> event.processedAt() != null && wanted.test(event))
        .map(SessionEvent::processedAt)
        .findFirst()
        .orElse(facts.updatedAt());
  }

  /// When an event of that id was processed.
  Instant since(String eventId) {
    return since(event -> event.id().equals(eventId));
  }

  /// The newest error the session recorded.
  Optional<ErrorDetail> error() {
    return newest.stream()
        .filter(SessionEvent.SessionError.class::isInstance)
        .map(event -> ((SessionEvent.SessionError) event).error())
        .findFirst();
  }

  /// What was told about something.
  Optional<Heard> about(String id) {
    return heard.stream().filter(told -> told.progress().about().equals(id)).findFirst();
  }
}
