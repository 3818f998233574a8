package io.steward.sandbox.call;

import io.steward.sandbox.journal.Journal;
import io.steward.sandbox.journal.JournalUnavailableException;
import io.steward.sandbox.tool.ToolAnswer;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.ToolResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/// Writes the journal and sends results, in the order that makes every call answered in the end:
/// finished, sent, answered. While the journal is away it waits, because nothing may run on a
/// guess.
final class CallRecords {
  private static final Logger LOG = Logger.getLogger(CallRecords.class);
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final Journal journal;
  private final Outbox outbox;
  private final InstantSource clock;
  private final BooleanSupplier stopping;

  /// @param stopping ends all waiting
  CallRecords(Journal journal, Outbox outbox, InstantSource clock, BooleanSupplier stopping) {
    this.journal = journal;
    this.outbox = outbox;
    this.clock = clock;
    this.stopping = stopping;
  }

  Optional<Journal.Entry> find(String toolUseId) {
    return persistently(() -> journal.find(toolUseId));
  }

  List<Journal.Entry.Started> startedOf(SessionId session) {
    return persistently(() -> journal.startedOf(session));
  }

  boolean start(Journal.Call call, String incarnation) {
    Instant now = clock.instant();
    return persistently(() -> journal.start(call, incarnation, now));
  }

  /// Answers a call that was not started and now never will. False when it is known already.
  boolean refuse(Journal.Call call, ToolAnswer answer) {
    ToolResult result = result(call, answer, Duration.ZERO);
    Instant now = clock.instant();
    if (!persistently(() -> journal.finishUnstarted(call, result, now))) {
      return false;
    }
    send(call, result);
    return true;
  }

  /// Answers a call that was started. Where somebody answered it before, that answer is sent again:
  /// a call has one result, whoever tells it.
  ///
  /// @param beforeSending runs when the end is in the journal
  void finish(Journal.Call call, ToolAnswer answer, Duration took, Runnable beforeSending) {
    ToolResult result = result(call, answer, took);
    Instant now = clock.instant();
    if (persistently(() -> journal.finish(result, now))) {
      beforeSending.run();
      send(call, result);
      return;
    }
    LOG.warnf(
        "call was answered by somebody else session_id=%s tool_use_id=%s",
        call.sessionId(), call.toolUseId());
    if (find(call.toolUseId()).orElse(null) instanceof Journal.Entry.Finished known) {
      send(known.call(), known.result());
    }
  }

  /// Sends a result that is in the journal. What fails here is sent again later.
  void send(Journal.Call call, ToolResult result) {
    if (!outbox.send(call.workspaceId(), result)) {
      LOG.warnf(
          "result not sent, will be sent again session_id=%s tool_use_id=%s",
          call.sessionId(), call.toolUseId());
      return;
    }
    persistently(() -> {
      journal.answered(call.toolUseId());
      return true;
    });
  }

  private static ToolResult result(Journal.Call call, ToolAnswer answer, Duration took) {
    CallSpan.answered(answer);
    return new ToolResult(
        call.sessionId(),
        call.toolUseId(),
        answer.outcome(),
        answer.isError(),
        List.of(new ContentBlock.Text(answer.text())),
        took.toMillis());
  }

  private <T> T persistently(Supplier<T> action) {
    while (true) {
      try {
        return action.get();
      } catch (JournalUnavailableException e) {
        if (stopping.getAsBoolean()) {
          throw e;
        }
        LOG.warnf("the journal does not answer, trying again: %s", e.getCause());
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }
}
