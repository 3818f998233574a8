package io.steward.harness.partition;

import io.steward.harness.decide.McpDecisions;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.log.FoldedSession;
import io.steward.harness.log.Reading;
import io.steward.harness.log.RecordReader;
import io.steward.schemas.egress.McpToolList;
import io.steward.schemas.egress.RepositoryResult;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.session.Phase;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.ToolCall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// A session of a partition that is ours, with what is under way for it. Belongs to the loop's
/// thread.
final class OwnedSession {
  private static final int LOST_ANSWERS_MAX = 10;

  private final SessionId id;
  private final TurnWatch watch;
  private Session session = Session.ABSENT;
  private long bytes;

  /// Records that came while the session itself was still asked for; null once it is there.
  private @Nullable List<Reading> held;

  private boolean writing;
  private long readUpTo = -1;
  private long awaitedOffset = -1;

  private @Nullable ModelCall call;

  /// The answered call that the step on its way into the log ends, while its next request is asked.
  private @Nullable ModelCall ended;

  /// Searches of this harness by the id of their call, until the call has its result in the log.
  private final Map<String, Thread> searches = new HashMap<>();

  private final List<Arrival> arrivals = new ArrayList<>();
  private final Commanded commanded = new Commanded();
  private int refusals;
  private int lostAnswers;
  private boolean alone;
  private boolean abandoned;

  OwnedSession(SessionId id, TurnWatch watch) {
    this.id = id;
    this.watch = watch;
  }

  SessionId id() {
    return id;
  }

  Session session() {
    return session;
  }

  long bytes() {
    return bytes;
  }

  // ---- folding

  boolean isAsleep() {
    return held != null;
  }

  void sleep() {
    held = new ArrayList<>();
  }

  void hold(Reading record) {
    if (held != null) {
      held.add(record);
    }
  }

  /// The session as it was asked for, with the records that came meanwhile.
  void wake(FoldedSession woken) {
    seed(woken);
    List<Reading> waiting = held == null ? List.of() : held;
    held = null;
    for (Reading reading : waiting) {
      switch (reading) {
        case Reading.Logged(LoggedRecord record, int recordBytes) -> fold(record, recordBytes);
        case Reading.Unreadable(SessionId _, long offset, String reason) ->
            setAside(offset, reason);
        case Reading.Nothing _ -> {}
      }
    }
  }

  void seed(FoldedSession folded) {
    session = folded.session();
    bytes = folded.bytes();
    watch.spans().takenOver(session);
    show();
  }

  void fold(LoggedRecord record, int recordBytes) {
    Session before = session;
    session = session.apply(record);
    if (session != before) {
      watch.folded(before, record);
      show();
    }
    readUpTo = Math.max(readUpTo, record.offset());
    bytes += recordBytes;
  }

  void setAside(long offset, String reason) {
    session = session.setAside(offset, reason);
    readUpTo = Math.max(readUpTo, offset);
    show();
  }

  /// What it waits for now. One that was abandoned waits for nothing of this owner.
  private void show() {
    if (!abandoned) {
      watch.turns().is(session);
    }
  }

  // ---- outcomes under way

  /// Whether nothing of it is under way into the log.
  boolean isFree() {
    return held == null && !abandoned && !writing && readUpTo >= awaitedOffset;
  }

  /// Whether something of it is under way that would be lost with this owner: a step on its way
  /// into the log, or a model request or a search the log expects an answer to.
  boolean isBusy() {
    if (held != null || abandoned) {
      return false;
    }
    if (!isFree()) {
      return true;
    }
    cancelStale();
    return call != null || !searches.isEmpty();
  }

  void writing() {
    writing = true;
  }

  /// @param lastOffset of the step's records, or -1 when it had none
  void committed(long lastOffset) {
    writing = false;
    ended = null;
    awaitedOffset = lastOffset;
    refusals = 0;
    alone = false;
  }

  /// The step is as if it had never been decided: a request it opened is canceled, an answer it was
  /// to write is still to be written.
  ///
  /// @param opened the span of that request, or null
  /// @return how often in a row its steps were refused
  int refused(@Nullable String opened) {
    writing = false;
    if (asks(opened)) {
      cancelCall();
      call = ended;
    }
    ended = null;
    return ++refusals;
  }

  boolean isAlone() {
    return alone;
  }

  /// From now on its steps go into transactions of their own, until one is committed.
  void writeAlone() {
    alone = true;
  }

  /// Nothing more is done for it by this owner.
  void abandon() {
    abandoned = true;
    leave();
  }

  boolean isAbandoned() {
    return abandoned;
  }

  // ---- the model

  @Nullable ModelCall call() {
    return call;
  }

  /// Whether it is the request of this span that is being asked.
  boolean asks(@Nullable String span) {
    return call != null && call.spanId().equals(span);
  }

  void calling(ModelCall started) {
    call = started;
  }

  /// The request a step opens is being asked, while the step is on its way into the log. Another
  /// one that was not answered is canceled.
  void opening(ModelCall started) {
    if (call != null && call.outcome() != null) {
      ended = call;
    } else {
      cancelCall();
    }
    call = started;
  }

  /// A model request ended.
  ///
  /// @return whether it is the one under way
  boolean answered(Mail.Answered answer) {
    ModelCall current = call;
    if (current == null || !current.spanId().equals(answer.spanId())) {
      return false;
    }
    current.answered(answer.outcome());
    if (answer.outcome() instanceof ModelOutcome.Failed) {
      watch.turns().modelFailed(answer.spanId());
    }
    return true;
  }

  void cancelCall() {
    if (call != null) {
      call.cancel();
      call = null;
    }
  }

  /// Ends a call whose request the log does not know, or no longer, and searches nobody waits for.
  void cancelStale() {
    if (call != null && !call.spanId().equals(expectedCall())) {
      cancelCall();
    }
    if (!searches.isEmpty()) {
      cancelSearches(openCallIds());
    }
  }

  /// Ends the call and all searches.
  void cancelAll() {
    cancelCall();
    cancelSearches(List.of());
  }

  /// It is no longer this owner's.
  void leave() {
    cancelAll();
    watch.turns().leaves();
  }

  private void cancelSearches(List<String> wanted) {
    searches.forEach((id, thread) -> {
      if (!wanted.contains(id)) {
        thread.interrupt();
      }
    });
    searches.keySet().retainAll(wanted);
  }

  void searching(String toolUseId, Thread thread) {
    searches.put(toolUseId, thread);
  }

  boolean isSearching(String toolUseId) {
    return searches.containsKey(toolUseId);
  }

  private @Nullable String expectedCall() {
    if (!(session instanceof Session.Running running)) {
      return null;
    }
    return switch (running.phase()) {
      case Phase.ModelRequested requested -> requested.spanId();
      case Phase.NeedsModel _ -> running.facts().transcript().summaryId();
      case Phase.ToolsOpen _, Phase.TurnOver _ -> null;
    };
  }

  // ---- tools

  /// An answer came that nobody can read: what is awaited is commanded again, but not for ever.
  void lostAnswer() {
    if (++lostAnswers <= LOST_ANSWERS_MAX) {
      commanded.clear();
    }
  }

  void arrived(Arrival arrival) {
    if (arrival.answer() instanceof RecordReader.Answer.Tool(ToolResult result)) {
      openCalls().stream()
          .filter(open -> open.id().equals(result.toolUseId()))
          .forEach(open -> watch.answered(open, result));
    }
    arrivals.add(arrival);
  }

  List<Arrival> arrivals() {
    return List.copyOf(arrivals);
  }

  /// Forgets all results: nothing is done for the session any more.
  void forgetArrivals(LongConsumer dropped) {
    arrivals.forEach(arrival -> dropped.accept(arrival.offset()));
    arrivals.clear();
  }

  /// Forgets results nobody waits for.
  void dropArrivals(LongConsumer dropped) {
    Set<String> seen = new HashSet<>();
    arrivals.removeIf(arrival -> {
      boolean wanted = awaited(arrival.answer()) && seen.add(arrival.subject());
      if (!wanted) {
        dropped.accept(arrival.offset());
      }
      return !wanted;
    });
  }

  private boolean awaited(RecordReader.Answer answer) {
    return switch (answer) {
      case RecordReader.Answer.Tool(ToolResult result) ->
          openCallIds().contains(result.toolUseId());
      case RecordReader.Answer.Lost _ -> false;
      case RecordReader.Answer.McpTools(McpToolList list) ->
          session instanceof Session.Live live
              && !(live instanceof Session.Terminated)
              && McpDecisions.tells(live, list)
              && commanded.accepts(list);
      case RecordReader.Answer.Repository(RepositoryResult result) ->
          session instanceof Session.Live live
              && !(live instanceof Session.Terminated)
              && live.facts().resources().pending().stream()
                  .anyMatch(pending -> pending.id().equals(result.resourceId()))
              && commanded.accepts(result);
    };
  }

  private List<String> openCallIds() {
    return openCalls().stream().map(ToolCall::id).toList();
  }

  private List<ToolCall> openCalls() {
    return session instanceof Session.Running running
            && running.phase() instanceof Phase.ToolsOpen(List<ToolCall> calls)
        ? calls.stream()
            .filter(ToolCall::runsHere)
            .filter(call -> call.state() == ToolCall.State.RUNNING)
            .toList()
        : List.of();
  }

  /// Follows its turns.
  TurnWatch watch() {
    return watch;
  }

  /// What this owner has commanded.
  Commanded commanded() {
    return commanded;
  }
}
