package io.steward.schemas.session;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session.Idle;
import io.steward.schemas.session.Session.Live;
import io.steward.schemas.session.Session.Terminated;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Whether a send fits the state of the session: all of its events, or none. Source:
/// contract/events.md §4.1, §10.
public sealed interface Admission {
  /// How many events of a client may wait in a session; interrupts are counted apart.
  int INBOX_EVENTS_MAX = 1000;

  Duration INBOX_RETRY = Duration.ofSeconds(5);

  /// @param echoes what the client is told, one for each event of the send, in order
  /// @param append what becomes a record: the echoes without repeated answers
  record Admitted(List<SessionEvent> echoes, List<SessionEvent> append) implements Admission {}

  /// Nothing is stored.
  record Refused(ApiError error) implements Admission {}

  /// Decides about a send of well-formed events.
  static Admission of(Session session, List<? extends SessionEvent.ClientEvent> events) {
    List<SessionEvent> echoes = new ArrayList<>();
    List<SessionEvent> append = new ArrayList<>();
    Session now = session;
    @Nullable SessionEvent previous = null;
    for (SessionEvent.ClientEvent event : events) {
      if (!(now instanceof Live live) || live instanceof Terminated) {
        return refused("The session is terminated and accepts no events.");
      }
      if (event instanceof SessionEvent.UserInterrupt interrupt
          && live instanceof Idle idle
          && idle.atBudget()
          && thread(live, interrupt).isEmpty()) {
        echoes.add(event); // There is nothing to interrupt, and nothing that would process it.
        previous = event;
        continue;
      }
      if (event instanceof SessionEvent.ToolAnswer answer) {
        Optional<SessionEvent.ToolAnswer> first = repeated(live, answer);
        if (first.isPresent()) {
          echoes.add(first.get());
          previous = event;
          continue;
        }
      }
      Optional<ApiError> refusal = refusal(live, event, previous);
      if (refusal.isPresent()) {
        return new Refused(refusal.get());
      }
      echoes.add(event);
      append.add(event);
      now = after(live, event);
      previous = event;
    }
    return new Admitted(List.copyOf(echoes), List.copyOf(append));
  }

  private static Session after(Live live, SessionEvent event) {
    SessionFacts facts = live.facts();
    return live.apply(
        new LoggedRecord(
            facts.id(),
            event.id(),
            facts.nextOffset(),
            facts.updatedAt(),
            new SessionRecord.EventsSent(List.of(event))));
  }

  /// The first copy of an answer that came before: a late confirmation changes nothing whatever it
  /// says, a result only when it says the same.
  private static Optional<SessionEvent.ToolAnswer> repeated(
      Live live, SessionEvent.ToolAnswer answer) {
    return live.facts().answers().stream()
        .map(SessionFacts.Answer::event)
        .filter(first -> first.id().equals(answer.id()))
        .filter(first -> answer instanceof SessionEvent.UserToolConfirmation || same(first, answer))
        .findFirst();
  }

  private static boolean same(SessionEvent.ToolAnswer first, SessionEvent.ToolAnswer second) {
    return first.processed(Instant.EPOCH).equals(second.processed(Instant.EPOCH));
  }

  private static Optional<ApiError> refusal(
      Live live, SessionEvent.ClientEvent event, @Nullable SessionEvent previous) {
    // Answers and interrupts are what gets a session going again, so a full inbox takes them.
    long waiting =
        live.facts().inbox().events().stream()
            .filter(other ->
                event instanceof SessionEvent.UserInterrupt
                    == other instanceof SessionEvent.UserInterrupt)
            .count();
    if (waiting >= INBOX_EVENTS_MAX && !(event instanceof SessionEvent.ToolAnswer)) {
      return Optional.of(
          ApiError.rateLimited(
              "The session has "
                  + INBOX_EVENTS_MAX
                  + " events waiting; send more when some are processed.",
              INBOX_RETRY));
    }
    if (live instanceof Idle idle
        && idle.atBudget()
        && (event instanceof SessionEvent.UserMessage
            || event instanceof SessionEvent.SystemMessage)) {
      return invalid(
          "A "
              + event.type()
              + " is not accepted while the session is stopped at its budget; only"
              + " user.tool_confirmation, user.tool_result, user.custom_tool_result and"
              + " user.interrupt are, until the budget is raised or removed.");
    }
    return switch (event) {
      case SessionEvent.UserMessage _ -> whileWaiting(live, "user.message");
      case SessionEvent.SystemMessage _ ->
          previous instanceof SessionEvent.UserCustomToolResult
                  || previous instanceof SessionEvent.UserToolResult
              ? Optional.empty()
              : whileWaiting(live, "system.message");
      case SessionEvent.UserInterrupt interrupt -> thread(live, interrupt);
      case SessionEvent.ToolAnswer answer -> answer(live, answer);
    };
  }

  private static Optional<ApiError> whileWaiting(Live live, String type) {
    if (live instanceof Idle idle
        && idle.requiresAction()
        && idle.awaitsClient()
        && !idle.facts().inbox().hasInterrupt()) {
      List<String> ids =
          idle.calls().stream().filter(ToolCall::awaitsClient).map(ToolCall::id).toList();
      return invalid(
          "A "
              + type
              + " is not accepted while the session waits for answers to "
              + String.join(", ", ids)
              + "; answer these calls or send a user.interrupt first.");
    }
    return Optional.empty();
  }

  private static Optional<ApiError> thread(Live live, SessionEvent.UserInterrupt interrupt) {
    String thread = interrupt.sessionThreadId();
    return thread == null || thread.equals(live.facts().threadId())
        ? Optional.empty()
        : invalid("session_thread_id: " + thread + " is not a thread of this session.");
  }

  private static Optional<ApiError> answer(Live live, SessionEvent.ToolAnswer answer) {
    ToolCall call = Calls.find(Calls.of(live), answer.answeredId());
    if (call != null && Calls.accepts(call, answer)) {
      return Optional.empty();
    }
    String what =
        switch (answer) {
          case SessionEvent.UserToolConfirmation _ ->
              "tool_use_id: " + answer.answeredId() + " is not a call that waits for confirmation.";
          case SessionEvent.UserCustomToolResult _ ->
              "custom_tool_use_id: " + answer.answeredId() + " is not an open custom tool call.";
          case SessionEvent.UserToolResult _ ->
              "tool_use_id: "
                  + answer.answeredId()
                  + " is not an open call of a self-hosted environment.";
        };
    return invalid(what);
  }

  private static Refused refused(String message) {
    return new Refused(ApiError.invalid(message));
  }

  private static Optional<ApiError> invalid(String message) {
    return Optional.of(ApiError.invalid(message));
  }
}
