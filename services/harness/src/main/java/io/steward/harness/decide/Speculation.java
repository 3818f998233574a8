package io.steward.harness.decide;

import io.steward.harness.request.OfferedTools;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.SessionFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// When a sandbox is asked for while the model still thinks.
///
/// @param on whether it ever is
/// @param shareMin share of an agent's newest turns that called a tool of the sandbox, from 0 to 1
/// @param turnsMin turns of an agent that must be known, from 1 to [ToolHabit#TURNS_MAX]
/// @param sandboxLives how long after its last call a sandbox is taken to live
public record Speculation(boolean on, double shareMin, int turnsMin, Duration sandboxLives) {
  public static final Speculation OFF = new Speculation(false, 1, 1, Duration.ZERO);

  public Speculation {
    if (!(shareMin >= 0 && shareMin <= 1)) {
      throw new IllegalArgumentException(
          "steward.turn.speculation.share-min must be from 0 to 1, got " + shareMin);
    }
    if (turnsMin < 1 || turnsMin > ToolHabit.TURNS_MAX) {
      throw new IllegalArgumentException(
          "steward.turn.speculation.turns-min must be from 1 to "
              + ToolHabit.TURNS_MAX
              + ", got "
              + turnsMin);
    }
  }

  /// The setting `steward.turn.speculation.mode` with its companions.
  ///
  /// @param mode `auto` or `off`
  /// @throws IllegalArgumentException with a sentence when a value cannot be
  public static Speculation of(String mode, double shareMin, int turnsMin, Duration sandboxLives) {
    boolean on =
        switch (mode) {
          case "auto" -> true;
          case "off" -> false;
          default ->
              throw new IllegalArgumentException(
                  "steward.turn.speculation.mode must be auto or off, got " + mode);
        };
    return new Speculation(on, shareMin, turnsMin, sandboxLives);
  }

  /// The sandbox that the turn will want for its first call, when `decision` asks the model for the
  /// first time in it.
  ///
  /// @param habit of the session's agent
  /// @param sandboxUsedAt when its sandbox was last called, or null when nobody here saw that
  public Optional<SandboxCommand.PrepareSandbox> ahead(
      Decision decision, ToolHabit habit, @Nullable Instant sandboxUsedAt) {
    boolean lives =
        sandboxUsedAt != null && sandboxUsedAt.plus(sandboxLives).isAfter(decision.time());
    return on
            && decision.spanId() != null
            && decision.after() instanceof Session.Running running
            && running.toolRounds() == 0
            && running.failedAttempts() == 0
            && habit.turns() >= turnsMin
            && habit.share() >= shareMin
            && !lives
            && OfferedTools.needSandbox(running.facts())
        ? Optional.of(prepare(running.facts()))
        : Optional.empty();
  }

  private static SandboxCommand.PrepareSandbox prepare(SessionFacts facts) {
    return new SandboxCommand.PrepareSandbox(
        facts.id(),
        facts.environment().id(),
        facts.environment().config(),
        facts.mounts(),
        facts.network());
  }
}
