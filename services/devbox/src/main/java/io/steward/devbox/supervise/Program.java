package io.steward.devbox.supervise;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What to run as a child.
///
/// @param name as in `run/<name>.pid` and `logs/<name>.log`
/// @param prefix a command that changes the user and then becomes `command`; mostly empty
/// @param command the program and its arguments
/// @param environment all of its environment
/// @param directory where it runs
/// @param stop how it is asked to end
public record Program(
    String name,
    List<String> prefix,
    List<String> command,
    Map<String, String> environment,
    Path directory,
    StopSignal stop) {
  public Program {
    prefix = List.copyOf(prefix);
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  /// How a child is asked to end.
  public enum StopSignal {
    /// The usual one.
    TERM("TERM", "KILL"),
    /// For PostgreSQL: end the clients' sessions, write everything down, end.
    INT("INT", "INT");

    final String signal;
    final String onParentDeath;

    StopSignal(String signal, String onParentDeath) {
      this.signal = signal;
      this.onParentDeath = onParentDeath;
    }
  }
}
