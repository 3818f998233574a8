package io.steward.sandbox.tool;

import java.util.Optional;
import java.util.OptionalLong;

/// A call of a built-in tool whose input was checked.
public sealed interface ToolRequest {
  /// Whether the tool may change files.
  default boolean mayChange() {
    return switch (this) {
      case Bash _, Write _, Edit _ -> true;
      case Read _, Glob _, Grep _, Invalid _ -> false;
    };
  }

  /// @param command shell text; empty only with `restart`
  /// @param timeoutMs milliseconds the model asked for
  record Bash(Optional<String> command, boolean restart, OptionalLong timeoutMs)
      implements ToolRequest {}

  record Read(String filePath, Optional<ViewRange> viewRange) implements ToolRequest {}

  record Write(String filePath, String content) implements ToolRequest {}

  record Edit(String filePath, String oldString, String newString, boolean replaceAll)
      implements ToolRequest {}

  record Glob(String pattern, Optional<String> path) implements ToolRequest {}

  record Grep(String pattern, Optional<String> path) implements ToolRequest {}

  /// The input breaks a rule.
  ///
  /// @param message names the tool, the field and the rule; the model reads it
  record Invalid(String message) implements ToolRequest {}

  /// Lines from `start` to `end`, both counted from 1 and included; an `end` below 1 is the end of
  /// the file.
  record ViewRange(int start, int end) {
    boolean toEnd() {
      return end < 1;
    }
  }
}
