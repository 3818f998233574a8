package io.steward.schemas.session;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.LoggedRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A session: the fold of its records, the same in every reader. Each state holds only what exists
/// in it.
///
/// ```
/// Absent ─▶ Idle ◀──▶ Running ◀──▶ Rescheduling
///            │           │             │
///            └───────────┴──▶ Terminated ──▶ Deleted
/// ```
///
/// [SetAside] is where a session goes whose log says something this version cannot understand.
/// Nobody acts for it any more; everybody agrees about it, because it depends on the log alone.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "state")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Session.Absent.class, name = "absent"),
  @JsonSubTypes.Type(value = Session.Idle.class, name = "idle"),
  @JsonSubTypes.Type(value = Session.Running.class, name = "running"),
  @JsonSubTypes.Type(value = Session.Rescheduling.class, name = "rescheduling"),
  @JsonSubTypes.Type(value = Session.Terminated.class, name = "terminated"),
  @JsonSubTypes.Type(value = Session.Deleted.class, name = "deleted"),
  @JsonSubTypes.Type(value = Session.SetAside.class, name = "set_aside")
})
public sealed interface Session {
  /// No record was seen yet.
  Session ABSENT = new Absent();

  /// The version of this fold and of its JSON, for readers of a stored or sent one.
  int FOLD_VERSION = 4;

  /// The session after `record`. A record that was applied before changes nothing.
  default Session apply(LoggedRecord record) {
    return Fold.apply(this, record);
  }

  /// The session when one of its records could not be read at all.
  default Session setAside(long offset, String reason) {
    return switch (this) {
      case Live live when offset < live.facts().nextOffset() -> live;
      case Live live -> new SetAside(live.facts().read(live.facts().updatedAt(), offset), reason);
      case Absent absent -> absent;
      case Deleted deleted -> deleted;
      case SetAside aside -> aside;
    };
  }

  /// What is known about it, unless it does not exist.
  @JsonIgnore
  default Optional<SessionFacts> known() {
    return switch (this) {
      case Live live -> Optional.of(live.facts());
      case SetAside aside -> Optional.of(aside.facts());
      case Absent _, Deleted _ -> Optional.empty();
    };
  }

  /// The status the API shows. A session with work waiting is already `running`, so that nobody
  /// sees `idle` between a send and the start of its turn.
  @JsonIgnore
  default Status status() {
    return switch (this) {
      case Idle idle -> idle.busy() ? Status.RUNNING : Status.IDLE;
      case Running _ -> Status.RUNNING;
      case Rescheduling _ -> Status.RESCHEDULING;
      case Absent _, Terminated _, Deleted _, SetAside _ -> Status.TERMINATED;
    };
  }

  /// See `status` in contract/core.md §5.8.
  enum Status {
    @JsonProperty("idle")
    IDLE("idle"),
    @JsonProperty("running")
    RUNNING("running"),
    @JsonProperty("rescheduling")
    RESCHEDULING("rescheduling"),
    @JsonProperty("terminated")
    TERMINATED("terminated");

    private final String wireName;

    Status(String wireName) {
      this.wireName = wireName;
    }

    /// As the API writes it.
    public String wireName() {
      return wireName;
    }
  }

  /// A session somebody may still act for, or that has come to its end.
  sealed interface Live extends Session {
    SessionFacts facts();
  }

  /// Nothing is known.
  record Absent() implements Session {}

  /// Nobody works. It waits for a message, or for answers to `calls`.
  ///
  /// @param stopReason why the last turn ended, or null before the first
  /// @param calls tool calls of the last reply, when the session waits for the client
  /// @param toolRounds rounds of tool calls of the turn that goes on when the wait is over
  /// @param midTurn whether the budget stopped a turn that goes on when the budget is raised
  record Idle(
      SessionFacts facts,
      @Nullable StopReason stopReason,
      List<ToolCall> calls,
      int toolRounds,
      boolean midTurn)
      implements Live {
    public Idle {
      calls = List.copyOf(calls);
    }

    Idle(SessionFacts facts, @Nullable StopReason stopReason, List<ToolCall> calls) {
      this(facts, stopReason, calls, 0, false);
    }

    Idle withFacts(SessionFacts next) {
      return new Idle(next, stopReason, calls, toolRounds, midTurn);
    }

    Idle withCalls(List<ToolCall> next) {
      return new Idle(facts, stopReason, next, toolRounds, midTurn);
    }

    /// Whether the harness has something to do here.
    boolean busy() {
      if (requiresAction()) {
        return !awaitsClient() || (facts.inbox().hasMessage() && facts.inbox().hasInterrupt());
      }
      return !atBudget() && (midTurn || facts.inbox().hasMessage());
    }

    /// Whether it stopped at its budget, and the budget was not raised since.
    public boolean atBudget() {
      return stopReason instanceof StopReason.BudgetReached
          && facts.budgetReached(facts.lastEventAt());
    }

    /// Whether a call waits for the client.
    boolean awaitsClient() {
      return calls.stream().anyMatch(ToolCall::awaitsClient);
    }

    /// Whether it waits for the client.
    public boolean requiresAction() {
      return stopReason instanceof StopReason.RequiresAction;
    }
  }

  /// A turn is under way.
  ///
  /// @param toolRounds rounds of tool calls of this turn so far
  /// @param failedAttempts model requests that failed in a row
  record Running(SessionFacts facts, Phase phase, int toolRounds, int failedAttempts)
      implements Live {
    Running withFacts(SessionFacts next) {
      return new Running(next, phase, toolRounds, failedAttempts);
    }

    Running withPhase(Phase next) {
      return new Running(facts, next, toolRounds, failedAttempts);
    }
  }

  /// A transient error stopped the turn; it goes on at `retryAt`.
  ///
  /// @param retryAt null until the record that says so was read
  record Rescheduling(
      SessionFacts facts, int toolRounds, int failedAttempts, @Nullable Instant retryAt)
      implements Live {}

  /// It ended for good; its history can be read.
  record Terminated(SessionFacts facts) implements Live {}

  /// It is gone.
  ///
  /// @param announced whether `session.deleted` was written
  record Deleted(SessionId id, long nextOffset, boolean announced) implements Session {}

  /// Its log holds what this version cannot understand.
  record SetAside(SessionFacts facts, String reason) implements Session {}
}
