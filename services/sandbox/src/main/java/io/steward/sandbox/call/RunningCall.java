package io.steward.sandbox.call;

import io.opentelemetry.context.Context;
import io.steward.sandbox.journal.Journal;
import io.steward.sandbox.shim.Cancellation;
import io.steward.schemas.progress.ProgressWatch;
import io.steward.schemas.sandbox.SandboxCommand;
import java.util.Optional;

/// A call from its command to its end.
///
/// @param turn of a command for the shell, which takes one at a time
/// @param trace what its spans are below
/// @param acknowledge the command, once the journal knows the call
record RunningCall(
    SandboxCommand.RunTool command,
    SessionFiles.Wish wish,
    Journal.Call call,
    Cancellation cancellation,
    Optional<ShellTurns.Turn> turn,
    Context trace,
    ProgressWatch.Watched progress,
    Runnable acknowledge) {

  /// What its session may reach from a sandbox.
  Reach reach() {
    return new Reach(
        wish.order(), wish.workspaceId(), command.environmentConfig(), command.network());
  }

  /// Lets the next call of the session begin.
  void leave() {
    progress.end();
    turn.ifPresent(ShellTurns.Turn::leave);
  }
}
