package io.steward.harness.metric;

import io.steward.schemas.session.Phase;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.ToolCall;

/// What a session that has something to do waits for.
public enum Activity {
  /// The harness: its next step, repositories and MCP servers before the first model request, a
  /// summary.
  HARNESS,
  MODEL,
  /// Tools that a service here runs.
  TOOLS,
  /// Nothing of its calls runs here: a client or a worker has to answer.
  CLIENT,
  /// The next attempt after an error that may pass.
  RETRY,
  /// It has nothing to do.
  REST;

  /// Follows from the state alone.
  public static Activity of(Session session) {
    return switch (session) {
      case Session.Running running -> of(running.phase());
      case Session.Rescheduling _ -> RETRY;
      case Session.Idle idle when idle.status() == Session.Status.RUNNING -> HARNESS;
      case Session.Idle idle when idle.requiresAction() -> CLIENT;
      case Session.Idle _,
          Session.Absent _,
          Session.Terminated _,
          Session.Deleted _,
          Session.SetAside _ ->
          REST;
    };
  }

  private static Activity of(Phase phase) {
    return switch (phase) {
      case Phase.NeedsModel _, Phase.TurnOver _ -> HARNESS;
      case Phase.ModelRequested _ -> MODEL;
      case Phase.ToolsOpen open ->
          open.calls().stream()
                  .anyMatch(call -> call.runsHere() && call.state() == ToolCall.State.RUNNING)
              ? TOOLS
              : CLIENT;
    };
  }
}
