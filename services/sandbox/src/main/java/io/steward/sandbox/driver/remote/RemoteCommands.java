package io.steward.sandbox.driver.remote;

import io.steward.sandbox.shim.Connection;
import java.io.IOException;
import java.util.List;

/// Starts commands inside one sandbox that is elsewhere, beside its main process, with its
/// environment and as its user. Safe from any thread.
public interface RemoteCommands {
  /// A command, started. Its standard input may stay open until the connection is killed: what is
  /// started here never waits for its end.
  ///
  /// @param command program and arguments, no shell
  /// @throws SandboxGoneException when the sandbox is over for good
  /// @throws IOException when it could not be started now; a later try may succeed
  Connection start(List<String> command) throws IOException;
}
