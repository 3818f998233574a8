package io.steward.simulation;

import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.Step;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// One session as the committed log says, with what must hold of it.
final class SessionTruth {
  private final SessionId id;
  private final NavigableMap<Long, Session> states = new TreeMap<>();
  private final Set<String> recordIds = new HashSet<>();
  private final Map<String, Integer> sent = new HashMap<>();
  private final Set<String> processed = new HashSet<>();
  private final Map<String, String> calls = new TreeMap<>();
  private final Map<String, SessionEvent.AgentToolResult> results = new TreeMap<>();
  private final Set<String> customCalls = new TreeSet<>();
  private final Set<String> customResults = new HashSet<>();
  private final Set<String> accepted = new TreeSet<>();
  private Session session = Session.ABSENT;
  private @Nullable String openSpan;
  private Instant last = Instant.EPOCH;
  private int unknownOutcomes;

  SessionTruth(SessionId id) {
    this.id = id;
  }

  Session session() {
    return session;
  }

  int unknownOutcomes() {
    return unknownOutcomes;
  }

  int records() {
    return recordIds.size();
  }

  void accepted(String eventId) {
    accepted.add(eventId);
  }

  boolean knows(String callId) {
    return calls.containsKey(callId);
  }

  /// The session with everything below `position`.
  Session at(long position) {
    Map.Entry<Long, Session> state = states.floorEntry(position);
    return state == null ? Session.ABSENT : state.getValue();
  }

  void read(LoggedRecord record) {
    require(recordIds.add(record.recordId()), "a record came twice", record);
    session = session.apply(record);
    states.put(record.offset() + 1, session);
    require(!(session instanceof Session.SetAside), "a session is set aside", session);
    switch (record.body()) {
      case SessionRecord.EventsSent events -> events.events().forEach(this::sent);
      case SessionRecord.EventRecorded(SessionEvent event) -> recorded(event);
      default -> {}
    }
  }

  private void sent(SessionEvent event) {
    int copies = sent.merge(event.id(), 1, Integer::sum);
    boolean answer = event instanceof SessionEvent.ToolAnswer;
    require(copies == 1 || answer, "a client's event is in the log twice", event);
    if (event instanceof SessionEvent.UserCustomToolResult result) {
      customResults.add(result.customToolUseId());
    }
  }

  private void recorded(SessionEvent event) {
    require(processed.add(event.id()), "an event is in the log twice", event);
    Instant time = event.processedAt();
    require(time != null && !time.isBefore(last), "time went back", event);
    last = time == null ? last : time;
    switch (event) {
      case SessionEvent.SpanModelRequestStart start -> {
        require(openSpan == null, "two model requests at once", event);
        openSpan = start.id();
      }
      case SessionEvent.SpanModelRequestEnd end -> {
        require(end.modelRequestStartId().equals(openSpan), "a request that is not open ends", end);
        openSpan = null;
      }
      case SessionEvent.AgentToolUse use -> calls.put(use.id(), use.name());
      case SessionEvent.AgentToolResult result -> result(result);
      case SessionEvent.AgentCustomToolUse use -> customCalls.add(use.id());
      case SessionEvent.UserCustomToolResult result -> customResults.add(result.customToolUseId());
      case SessionEvent.SessionError error ->
          require(!error.error().type().equals(ErrorDetail.UNKNOWN), "an internal error", error);
      default -> {}
    }
  }

  private void result(SessionEvent.AgentToolResult result) {
    require(calls.containsKey(result.toolUseId()), "a result without its call", result);
    require(results.put(result.toolUseId(), result) == null, "a call has two results", result);
    if (result.content().toString().contains("unknown because")) {
      unknownOutcomes++;
    }
  }

  /// Whether nothing is left to do.
  boolean rests() {
    return session instanceof Session.Idle idle
        && !idle.requiresAction()
        && Step.next(idle, Step.Limits.UNBOUNDED) instanceof Step.Rest;
  }

  /// @param effects how often which call ran
  void checkAtRest(Map<String, Integer> effects) {
    require(openSpan == null, "a model request is open", openSpan);
    for (String call : calls.keySet()) {
      SessionEvent.AgentToolResult result = results.get(call);
      require(result != null, "a call has no result", call);
      require(
          result == null
              || Boolean.TRUE.equals(result.isError())
              || effects.getOrDefault(call, 0) == 1,
          "a call has a result and did not run",
          call);
    }
    require(customResults.containsAll(customCalls), "a custom call has no result", customCalls);
    for (String event : accepted) {
      require(sent.containsKey(event), "an accepted event is not in the log", event);
    }
  }

  private void require(boolean holds, String what, @Nullable Object detail) {
    if (!holds) {
      throw new Violation(what + " (" + id + "): " + detail);
    }
  }
}
