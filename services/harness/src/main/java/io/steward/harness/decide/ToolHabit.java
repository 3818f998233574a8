package io.steward.harness.decide;

/// Whether the newest turns of an agent called a tool of the sandbox.
///
/// @param turns how many are remembered, at most [#TURNS_MAX]
/// @param called a bit per turn, the newest lowest
public record ToolHabit(int turns, int called) {
  /// How many turns are remembered; older ones count no more.
  public static final int TURNS_MAX = 20;

  /// Nothing is known.
  public static final ToolHabit UNKNOWN = new ToolHabit(0, 0);

  /// The habit after another turn.
  public ToolHabit after(boolean calledTool) {
    int bits = called << 1 | (calledTool ? 1 : 0);
    return new ToolHabit(Math.min(turns + 1, TURNS_MAX), bits & (1 << TURNS_MAX) - 1);
  }

  /// The share of turns that called one, from 0 to 1; 0 when nothing is known.
  public double share() {
    return turns == 0 ? 0 : (double) Integer.bitCount(called) / turns;
  }
}
