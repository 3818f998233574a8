package io.steward.harness.partition;

import io.steward.harness.decide.Decision;
import io.steward.harness.decide.Speculation;
import io.steward.harness.decide.ToolHabit;
import io.steward.schemas.sandbox.SandboxCommand;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What this instance has seen agents do, and what it makes of it. Nothing of it is kept: another
/// owner learns anew. Safe from any thread.
public final class ToolForecast {
  /// Agents that are remembered; the one whose last turn is longest ago goes first.
  private static final int AGENTS_MAX = 1000;

  private static final float LOAD_FACTOR = 0.75f;
  private static final int INITIAL_AGENTS = 64;

  private final Speculation speculation;
  private final Map<String, ToolHabit> habits =
      new LinkedHashMap<>(INITIAL_AGENTS, LOAD_FACTOR, true);

  public ToolForecast(Speculation speculation) {
    this.speculation = speculation;
  }

  /// Learns from a turn.
  synchronized void seen(String agentId, boolean calledTool) {
    ToolHabit before = habits.getOrDefault(agentId, ToolHabit.UNKNOWN);
    habits.put(agentId, before.after(calledTool));
    if (habits.size() > AGENTS_MAX) {
      habits.remove(habits.keySet().iterator().next());
    }
  }

  synchronized ToolHabit habit(String agentId) {
    return habits.getOrDefault(agentId, ToolHabit.UNKNOWN);
  }

  /// The sandbox to ask for beside `decision`, if any.
  ///
  /// @param sandboxUsedAt when the session's sandbox was last called, as far as is known
  Optional<SandboxCommand.PrepareSandbox> ahead(
      Decision decision, String agentId, @Nullable Instant sandboxUsedAt) {
    return speculation.ahead(decision, habit(agentId), sandboxUsedAt);
  }
}
