package io.steward.sandbox.journal;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.ToolResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Remembers calls by their tool-use id. Every method returns after its effect is durable.
///
/// A call is unknown, then started, then finished, then answered; it may also be finished without
/// having been started. No step goes back. All methods may be called from any thread.
///
/// Errors of the store are unchecked exceptions; the effect may then have happened or not.
public interface Journal {
  /// A call that is about to be known.
  ///
  /// @param owner names the sandbox directory, and with it the service, that answers for the call
  record Call(String toolUseId, SessionId sessionId, String workspaceId, String owner) {}

  /// What is known of a call.
  sealed interface Entry {
    Call call();

    /// It may have run, or run now, in the sandbox `incarnation`.
    record Started(Call call, String incarnation, Instant startedAt) implements Entry {}

    /// It ended, or never will start.
    record Finished(Call call, ToolResult result) implements Entry {}

    /// It ended, and its result went with its session.
    record Forgotten(Call call) implements Entry {}
  }

  Optional<Entry> find(String toolUseId);

  /// Makes an unknown call started. False when it is known: then it must not run.
  boolean start(Call call, String incarnation, Instant at);

  /// Makes an unknown call finished, so that it never starts. False when it is known.
  boolean finishUnstarted(Call call, ToolResult result, Instant at);

  /// Makes a started call finished. False when it already was: then nothing changes, and the result
  /// that is there counts.
  boolean finish(ToolResult result, Instant at);

  /// Makes a finished call answered: its result is safe elsewhere.
  void answered(String toolUseId);

  /// Calls of `owner` that are started.
  List<Entry.Started> started(String owner);

  /// Calls of `session` that are started, of all owners.
  List<Entry.Started> startedOf(SessionId session);

  /// Calls of `owner` that finished before `before` and are not answered, at most 100.
  List<Entry.Finished> unanswered(String owner, Instant before);

  /// Notes that `owner` lives, by the clock of the store.
  void seen(String owner);

  /// Calls that were started, or finished and not answered, of owners other than `by` that were not
  /// seen for `silence`; at most 100.
  List<Entry> abandoned(String by, Duration silence);

  /// Drops the results of a session. Its calls stay known.
  void forget(SessionId session);

  /// Removes answered calls that finished before `before`; returns how many.
  int removeOld(Instant before);
}
