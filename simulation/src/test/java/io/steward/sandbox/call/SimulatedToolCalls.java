package io.steward.sandbox.call;

import io.steward.sandbox.journal.Journal;
import io.steward.sandbox.tool.ToolAnswer;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.sandbox.ToolResult;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/// The order of [ToolCalls] without its threads, drivers and files: production's records and
/// journal around a command that runs in a place which may vanish.
public final class SimulatedToolCalls {
  private static final String OWNER = "owner";
  private static final String WORKSPACE = "wrkspc_default";

  private final Journal journal;
  private final CallRecords records;
  private final InstantSource clock;
  private final Place place;
  private final boolean journalsLate;
  private final Map<String, Boolean> canceled = new HashMap<>();
  private final Set<SessionId> shells = new HashSet<>();

  /// Where commands run.
  public interface Place {
    /// Lets others act.
    void pause();

    /// Waits until a condition holds.
    void await(BooleanSupplier condition);

    /// Starts something beside.
    void spawn(String name, Runnable body);

    /// The incarnation of the session's sandbox, which is made if there is none.
    String sandbox(SessionId session);

    /// The first byte of the command runs.
    void run(String toolUseId);

    /// Whether the sandbox still lives.
    boolean lives(SessionId session, String incarnation);

    /// How many moments a command takes.
    int moments();
  }

  /// @param journalsLate a seeded bug: the command runs before the journal knows
  public SimulatedToolCalls(
      Journal journal, Outbox outbox, InstantSource clock, Place place, boolean journalsLate) {
    this.journal = journal;
    this.records = new CallRecords(journal, outbox, clock, () -> false);
    this.clock = clock;
    this.place = place;
    this.journalsLate = journalsLate;
  }

  public void run(SandboxCommand.RunTool command, Runnable acknowledge) {
    if (canceled.putIfAbsent(command.toolUseId(), false) != null) {
      acknowledge.run(); // A copy: the first one answers.
      return;
    }
    place.spawn(
        "call",
        () -> {
          place.pause();
          records
              .find(command.toolUseId())
              .ifPresentOrElse(this::answerKnown, () -> performUnknown(command, acknowledge));
          acknowledge.run();
          canceled.remove(command.toolUseId());
        });
  }

  public void cancel(SandboxCommand.CancelTools command, Runnable acknowledge) {
    command.toolUseIds().forEach(id -> canceled.computeIfPresent(id, (_, _) -> true));
    place.spawn(
        "cancel",
        () -> {
          for (String toolUseId : command.toolUseIds()) {
            if (!canceled.containsKey(toolUseId)) {
              place.pause();
              records.refuse(
                  call(command.sessionId(), toolUseId), ToolAnswer.canceled("Canceled."));
            }
          }
          acknowledge.run();
        });
  }

  /// What an earlier life of the service left behind.
  public void recover() {
    journal.started(OWNER).forEach(this::answerLost);
    resend();
  }

  public void resend() {
    journal
        .unanswered(OWNER, clock.instant())
        .forEach(entry -> records.send(entry.call(), entry.result()));
  }

  private void performUnknown(SandboxCommand.RunTool command, Runnable acknowledge) {
    Journal.Call call = call(command.sessionId(), command.toolUseId());
    boolean shell = command.name().equals("bash");
    if (shell) {
      place.await(() -> shells.add(command.sessionId()));
    }
    try {
      if (isCanceled(call)) {
        records.refuse(call, ToolAnswer.canceled("Canceled."));
        return;
      }
      String incarnation = place.sandbox(command.sessionId());
      place.pause();
      runIn(incarnation, call, acknowledge);
    } finally {
      if (shell) {
        shells.remove(command.sessionId());
      }
    }
  }

  private void runIn(String incarnation, Journal.Call call, Runnable acknowledge) {
    if (journalsLate) {
      place.run(call.toolUseId());
      place.pause();
    }
    if (!records.start(call, incarnation)) {
      records.find(call.toolUseId()).ifPresent(this::answerKnown);
      return;
    }
    acknowledge.run();
    place.pause();
    ToolAnswer answer = answer(incarnation, call);
    records.finish(call, answer, Duration.ZERO, place::pause);
  }

  private ToolAnswer answer(String incarnation, Journal.Call call) {
    if (isCanceled(call)) {
      return ToolAnswer.canceled("Canceled.");
    }
    if (!place.lives(call.sessionId(), incarnation)) {
      return ToolAnswer.unknown("its sandbox ended");
    }
    if (!journalsLate) {
      place.run(call.toolUseId());
    }
    for (int left = place.moments(); left > 0; left--) {
      place.pause();
      if (!place.lives(call.sessionId(), incarnation)) {
        return ToolAnswer.unknown("its sandbox ended");
      }
      if (isCanceled(call)) {
        return ToolAnswer.canceled("Canceled.");
      }
    }
    return new ToolAnswer(ToolResult.Outcome.COMPLETED, false, call.toolUseId());
  }

  private boolean isCanceled(Journal.Call call) {
    return canceled.getOrDefault(call.toolUseId(), false);
  }

  private void answerKnown(Journal.Entry entry) {
    switch (entry) {
      case Journal.Entry.Finished(Journal.Call call, ToolResult result) ->
          records.send(call, result);
      case Journal.Entry.Started started -> answerLost(started);
      case Journal.Entry.Forgotten _ -> {}
    }
  }

  private void answerLost(Journal.Entry.Started started) {
    records.finish(
        started.call(),
        ToolAnswer.unknown("its sandbox was lost before it could report"),
        Duration.ZERO,
        place::pause);
  }

  private static Journal.Call call(SessionId session, String toolUseId) {
    return new Journal.Call(toolUseId, session, WORKSPACE, OWNER);
  }
}
