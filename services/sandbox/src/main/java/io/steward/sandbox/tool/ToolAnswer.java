package io.steward.sandbox.tool;

import io.steward.schemas.sandbox.ToolResult;

/// What came of a call, as the model reads it.
///
/// @param text never empty
public record ToolAnswer(ToolResult.Outcome outcome, boolean isError, String text) {
  private static final String EMPTY = "(no output)";

  public ToolAnswer {
    // NUL has no place in JSON text that is stored and shown; nothing readable is lost.
    text = text.replace("\0", "");
    text = text.isEmpty() ? EMPTY : text;
  }

  /// The same behind a line that says something else.
  public ToolAnswer after(String line) {
    return new ToolAnswer(outcome, isError, line + "\n" + text);
  }

  static ToolAnswer completed(String text) {
    return new ToolAnswer(ToolResult.Outcome.COMPLETED, false, text);
  }

  /// The tool could not do what was asked.
  public static ToolAnswer failed(String text) {
    return new ToolAnswer(ToolResult.Outcome.FAILED, true, text);
  }

  static ToolAnswer timedOut(String text) {
    return new ToolAnswer(ToolResult.Outcome.TIMED_OUT, true, text);
  }

  /// The call was canceled, before or while it ran.
  public static ToolAnswer canceled(String text) {
    return new ToolAnswer(ToolResult.Outcome.CANCELED, true, text);
  }

  /// The call was started, and nobody can say how far it came.
  ///
  /// @param because completes the sentence "is unknown because …"
  public static ToolAnswer unknown(String because) {
    return new ToolAnswer(
        ToolResult.Outcome.UNKNOWN,
        true,
        "The outcome of this command is unknown because "
            + because
            + ". It may have run completely, partly or not at all. Check before you run it again.");
  }
}
