package io.steward.sessionlog.work;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.sessionlog.work.WorkState.Active;
import io.steward.sessionlog.work.WorkState.Queued;
import io.steward.sessionlog.work.WorkState.Starting;
import io.steward.sessionlog.work.WorkState.Stopped;
import io.steward.sessionlog.work.WorkState.Stopping;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The errand of serving one session, on the queue of its environment. A session has at most one
/// that is not stopped. All transitions are here, and none of them reads a clock; instants are in
/// whole microseconds. Source: contract/core.md §4.3–§4.6.
///
/// @param id `work_…`
/// @param metadata its own, not the session's
public record WorkItem(
    String id,
    String workspaceId,
    String environmentId,
    SessionId sessionId,
    Map<String, String> metadata,
    Instant createdAt,
    WorkState state,
    Need need) {
  /// How long an item that was handed out waits for its acknowledgement, unless the poll says
  /// otherwise.
  public static final Duration RECLAIM = Duration.ofSeconds(5);

  /// How long a worker that has to stop may take.
  static final Duration STOP_MAX = Duration.ofMinutes(2);

  private static final String PRECONDITION_FAILED = "heartbeat_precondition_failed";

  public WorkItem {
    metadata = Map.copyOf(metadata);
  }

  /// Who asks for a stop: a stop of a client also settles what the session had asked so far, and
  /// the end of a worker does not.
  public enum StoppedBy {
    CLIENT,
    WORKER
  }

  /// What comes of a call of a worker.
  public sealed interface Outcome {
    /// The item as it is now.
    record Done(WorkItem item) implements Outcome {}

    /// The same, and what the worker reads.
    record Beaten(WorkItem item, Heartbeat reply) implements Outcome {}

    /// Nothing changes.
    record Refused(ApiError error) implements Outcome {}
  }

  /// What reading a demand changes.
  ///
  /// @param item the item that was there, changed; or null when it stays as it is
  /// @param queued a new item; or null
  public record Followed(@Nullable WorkItem item, @Nullable WorkItem queued) {
    static final Followed NOTHING = new Followed(null, null);
  }

  /// What a demand means for the newest item of its session, if there is one. A demand that was
  /// read before changes nothing.
  public static Followed follow(@Nullable WorkItem newest, Demand demand) {
    if (newest == null) {
      return demand.askedAt() != Need.NOTHING && !demand.over()
          ? new Followed(null, queued(demand, demand.askedAt()))
          : Followed.NOTHING;
    }
    Need need = newest.need;
    if (need.readTo() >= demand.offset()) {
      return Followed.NOTHING;
    }
    if (newest.state instanceof Stopped stopped) {
      boolean asked = demand.askedAt() > need.readTo();
      boolean again = stopped.failed() && demand.interruptedAt() > need.readTo();
      return demand.asks() && (asked || again)
          ? new Followed(null, queued(demand, Math.max(demand.askedAt(), demand.interruptedAt())))
          : Followed.NOTHING;
    }
    WorkItem read = newest.with(need.read(demand));
    return new Followed(demand.over() ? read.stopped(demand.at(), StoppedBy.CLIENT) : read, null);
  }

  private static WorkItem queued(Demand demand, long askedAt) {
    return new WorkItem(
        id(demand.session(), askedAt),
        demand.workspaceId(),
        demand.environmentId(),
        demand.session(),
        Map.of(),
        demand.at(),
        new Queued(demand.at(), null),
        new Need(demand.offset(), askedAt, Need.NOTHING, demand.needed()));
  }

  /// The item that a stopped one leaves behind: what came from the client while the worker was
  /// about to end. A worker that fails gets no second item for the same input, so that a session
  /// nobody can serve does not keep workers busy.
  public Optional<WorkItem> successor(Instant now) {
    return state instanceof Stopped && need.open()
        ? Optional.of(
            new WorkItem(
                id(sessionId, need.askedAt()),
                workspaceId,
                environmentId,
                sessionId,
                Map.of(),
                now,
                new Queued(now, null),
                new Need(need.readTo(), need.askedAt(), Need.NOTHING, true)))
        : Optional.empty();
  }

  private static String id(SessionId session, long askedAt) {
    return Ids.derived("work_", session + "/" + askedAt);
  }

  /// A poll got it.
  public WorkItem handedOut(Instant now) {
    return state instanceof Queued(Instant since, _) ? with(new Queued(since, now)) : this;
  }

  /// A worker takes it. To acknowledge again changes nothing.
  public Outcome acknowledged(Instant now, Duration ttl) {
    return switch (state) {
      case Queued _ ->
          new Outcome.Done(
              with(new Starting(new Lease(now, null, null, ttl))).with(need.covered()));
      case Starting _, Active _, Stopping _ -> new Outcome.Done(this);
      case Stopped _ ->
          new Outcome.Refused(
              ApiError.conflict("The work item " + id + " is stopped and cannot be taken."));
    };
  }

  /// A worker says that it is alive.
  ///
  /// @param expected what it believes the latest heartbeat to be, or null for anything
  /// @param wishSeconds how long it would like the lease to be, or null
  /// @param ttl how long a lease is
  public Outcome heartbeat(
      Instant now, @Nullable String expected, @Nullable Integer wishSeconds, Duration ttl) {
    return switch (state) {
      case Stopping _, Stopped _ -> new Outcome.Beaten(this, standing(ttl));
      case Queued _ ->
          expected == null || expected.equals(Heartbeat.NONE)
              ? new Outcome.Refused(
                  ApiError.conflict(
                      "The work item " + id + " is queued; acknowledge it before a heartbeat."))
              : leaseHeldElsewhere(ttl);
      case Starting(Lease lease) -> beaten(lease, now, expected, wishSeconds, ttl);
      case Active(Lease lease) -> beaten(lease, now, expected, wishSeconds, ttl);
    };
  }

  private Outcome beaten(
      Lease lease,
      Instant now,
      @Nullable String expected,
      @Nullable Integer wishSeconds,
      Duration ttl) {
    String beat = lease.beat();
    if (expected != null && !expected.equals(beat == null ? Heartbeat.NONE : beat)) {
      return leaseHeldElsewhere(ttl);
    }
    WorkItem active = with(new Active(lease.beaten(now, Lease.granted(wishSeconds, ttl))));
    Heartbeat standing = active.standing(ttl);
    return new Outcome.Beaten(
        active,
        new Heartbeat(standing.lastHeartbeat(), true, standing.state(), standing.ttlSeconds()));
  }

  private Outcome leaseHeldElsewhere(Duration ttl) {
    Heartbeat standing = standing(ttl);
    ObjectNode details = JsonNodeFactory.instance.objectNode();
    details
        .putObject("current_state")
        .put("state", standing.state())
        .put("ttl_seconds", standing.ttlSeconds())
        .put("last_heartbeat", standing.lastHeartbeat())
        .put("lease_extended", false);
    return new Outcome.Refused(
        ApiError.preconditionFailed(
            "The latest heartbeat of the work item "
                + id
                + " is not the one in `expected_last_heartbeat`: its lease is held elsewhere, or"
                + " was lost.",
            PRECONDITION_FAILED,
            details));
  }

  private Heartbeat standing(Duration ttl) {
    Lease lease = state.lease();
    String beat = lease == null ? null : lease.beat();
    return new Heartbeat(
        beat == null ? "" : beat,
        false,
        state.wireName(),
        (lease == null ? ttl : lease.ttl()).toSeconds());
  }

  /// Somebody wants it to end; a worker that has it learns it from its next heartbeat.
  public WorkItem stopping(Instant now, StoppedBy by) {
    return switch (state) {
      case Queued _ -> with(new Stopping(null, now, now.plus(RECLAIM))).settled(by);
      case Starting(Lease lease) -> with(new Stopping(lease, now, now.plus(RECLAIM))).settled(by);
      case Active(Lease lease) -> {
        Duration max = lease.ttl().compareTo(STOP_MAX) < 0 ? lease.ttl() : STOP_MAX;
        yield with(new Stopping(lease, now, now.plus(max))).settled(by);
      }
      case Stopping _, Stopped _ -> this;
    };
  }

  /// It ends now.
  public WorkItem stopped(Instant now, StoppedBy by) {
    if (state instanceof Stopped) {
      return this;
    }
    WorkItem settled = settled(by);
    Instant requestedAt = state instanceof Stopping stopping ? stopping.requestedAt() : null;
    boolean failed = by == StoppedBy.WORKER && requestedAt == null && need.now();
    return settled.with(new Stopped(state.lease(), requestedAt, now, failed));
  }

  /// What happens by itself when it is due: a lost lease brings it back into the queue, and a stop
  /// nobody confirmed is done.
  public WorkItem due(Instant now) {
    Instant dueAt = state.dueAt();
    if (dueAt == null || dueAt.isAfter(now)) {
      return this;
    }
    return switch (state) {
      case Starting _, Active _ -> with(new Queued(now, null));
      case Stopping _ -> stopped(now, StoppedBy.WORKER);
      case Queued _, Stopped _ -> this;
    };
  }

  /// The same with other metadata.
  public WorkItem withMetadata(Map<String, String> next) {
    return new WorkItem(id, workspaceId, environmentId, sessionId, next, createdAt, state, need);
  }

  private WorkItem settled(StoppedBy by) {
    return by == StoppedBy.CLIENT ? with(need.covered()) : this;
  }

  private WorkItem with(WorkState next) {
    return new WorkItem(id, workspaceId, environmentId, sessionId, metadata, createdAt, next, need);
  }

  private WorkItem with(Need next) {
    return new WorkItem(
        id, workspaceId, environmentId, sessionId, metadata, createdAt, state, next);
  }
}
