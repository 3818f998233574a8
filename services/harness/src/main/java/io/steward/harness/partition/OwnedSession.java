package io.steward.harness.partition;

import io.steward.harness.log.Reading;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.session.Phase;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.ToolCall;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// A session of a partition that is ours, with what is under way for it. Belongs to the loop's
/// thread.
final class OwnedSession {
  private final SessionId id;
  private Session session = Session.ABSENT;
  private long bytes;

  /// Records that came while the session itself was still asked for; null once it is there.
  private @Nullable List<Reading.Logged> held;

  private boolean writing;
  private long readUpTo = -1;
  private long awaitedOffset = -1;

  private @Nullable ModelCall call;
  private final List<Arrival> arrivals = new ArrayList<>();
  private final Set<String> commanded = new HashSet<>();
  private int refusals;
  private boolean alone;
  private boolean abandoned;

  /// A tool result that came.
  ///
  /// @param offset on `tool-results`
  record Arrival(long offset, ToolResult result) {}

  OwnedSession(SessionId id) {
    this.id = id;
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

  void hold(Reading.Logged record) {
    if (held != null) {
      held.add(record);
    }
  }

  /// The session as it was asked for, with the records that came meanwhile.
  void wake(Session woken) {
    session = woken;
    List<Reading.Logged> waiting = held == null ? List.of() : held;
    held = null;
    waiting.forEach(reading -> fold(reading.record(), reading.bytes()));
  }

  void seed(Session folded, long foldedBytes) {
    session = folded;
    bytes = foldedBytes;
  }

  void fold(LoggedRecord record, int recordBytes) {
    session = session.apply(record);
    readUpTo = Math.max(readUpTo, record.offset());
    bytes += recordBytes;
  }

  void setAside(long offset, String reason) {
    session = session.setAside(offset, reason);
    readUpTo = Math.max(readUpTo, offset);
  }

  // ---- outcomes under way

  /// Whether nothing of it is under way into the log.
  boolean isFree() {
    return held == null && !abandoned && !writing && readUpTo >= awaitedOffset;
  }

  void writing() {
    writing = true;
  }

  /// @param lastOffset of the step's records, or -1 when it had none
  void committed(long lastOffset) {
    writing = false;
    awaitedOffset = lastOffset;
    refusals = 0;
    alone = false;
  }

  /// @return how often in a row its steps were refused
  int refused() {
    writing = false;
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
    cancelCall();
  }

  boolean isAbandoned() {
    return abandoned;
  }

  // ---- the model

  @Nullable ModelCall call() {
    return call;
  }

  void calling(ModelCall started) {
    call = started;
  }

  void cancelCall() {
    if (call != null) {
      call.cancel();
      call = null;
    }
  }

  /// Ends a call whose request the log does not know, or no longer.
  void cancelStaleCall() {
    boolean open =
        session instanceof Session.Running running
            && running.phase() instanceof Phase.ModelRequested requested
            && call != null
            && call.spanId().equals(requested.spanId());
    if (!open) {
      cancelCall();
    }
  }

  // ---- tools

  void arrived(Arrival arrival) {
    arrivals.add(arrival);
  }

  List<Arrival> arrivals() {
    return List.copyOf(arrivals);
  }

  /// Forgets results nobody waits for.
  void dropArrivals(LongConsumer dropped) {
    Set<String> seen = new HashSet<>();
    arrivals.removeIf(arrival -> {
      String callId = arrival.result().toolUseId();
      boolean wanted = openCalls().contains(callId) && seen.add(callId);
      if (!wanted) {
        dropped.accept(arrival.offset());
      }
      return !wanted;
    });
  }

  private List<String> openCalls() {
    return session instanceof Session.Running running
            && running.phase() instanceof Phase.ToolsOpen(List<ToolCall> calls)
        ? calls.stream()
            .filter(call -> call.kind() == ToolCall.Kind.BUILT_IN)
            .filter(call -> call.state() == ToolCall.State.RUNNING)
            .map(ToolCall::id)
            .toList()
        : List.of();
  }

  /// Calls whose commands were written by this owner.
  Set<String> commanded() {
    return commanded;
  }
}
