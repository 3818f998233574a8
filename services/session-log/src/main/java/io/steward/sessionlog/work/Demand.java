package io.steward.sessionlog.work;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What some records of a session on a self-hosted environment mean for its worker. Depends on the
/// log alone, so that reading it again says the same.
///
/// @param offset of the last of the records
/// @param at when that was written
/// @param askedAt offset of the last one that asks for a worker, or -1: the session begins, begins
///   to need one, or gets something from a client while it needs one
/// @param interruptedAt offset of the last one with an interrupt, or -1: it asks for a worker when
///   the one before has failed
/// @param needed whether the session needs a worker now: it works, or waits for an answer to a call
/// @param over whether it has come to its end
public record Demand(
    SessionId session,
    String workspaceId,
    String environmentId,
    long offset,
    Instant at,
    long askedAt,
    long interruptedAt,
    boolean needed,
    boolean over) {
  public Demand {
    at = at.truncatedTo(ChronoUnit.MICROS); // As the database keeps it.
  }

  /// What a record means.
  ///
  /// @param record null for one that nobody can read
  /// @return empty when no worker is concerned
  public static Optional<Demand> of(
      Session before, @Nullable SessionRecord record, Session after, long offset, Instant at) {
    Optional<SessionFacts> facts = after.known().or(before::known);
    return facts
        .filter(known -> known.environment().selfHosted())
        .map(known -> {
          boolean needed = needs(after);
          boolean sent = record instanceof SessionRecord.EventsSent;
          boolean asks =
              record instanceof SessionRecord.Created || (needed && (sent || !needs(before)));
          boolean over = over(after);
          return new Demand(
              known.id(),
              known.workspaceId(),
              known.environment().id(),
              offset,
              at,
              asks && !over ? offset : Need.NOTHING,
              interrupts(record) && !over ? offset : Need.NOTHING,
              needed,
              over);
        });
  }

  /// This and what came after it, as one.
  public Demand then(Demand later) {
    return new Demand(
        session,
        workspaceId,
        environmentId,
        later.offset,
        later.at,
        Math.max(askedAt, later.askedAt),
        Math.max(interruptedAt, later.interruptedAt),
        later.needed,
        later.over);
  }

  /// Whether something may have come into the queue.
  public boolean asks() {
    return !over && (askedAt != Need.NOTHING || interruptedAt != Need.NOTHING);
  }

  private static boolean needs(Session session) {
    return switch (session.status()) {
      case RUNNING, RESCHEDULING -> true;
      case IDLE -> session instanceof Session.Idle idle && idle.requiresAction();
      case TERMINATED -> false;
    };
  }

  private static boolean over(Session session) {
    return session.status() == Session.Status.TERMINATED;
  }

  private static boolean interrupts(@Nullable SessionRecord record) {
    return record instanceof SessionRecord.EventsSent sent
        && sent.events().stream().anyMatch(SessionEvent.UserInterrupt.class::isInstance);
  }
}
