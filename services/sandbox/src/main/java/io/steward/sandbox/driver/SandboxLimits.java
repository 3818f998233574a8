package io.steward.sandbox.driver;

import io.steward.sandbox.egress.EgressRelay;
import java.time.Duration;

/// What one sandbox may use.
///
/// @param memoryBytesMax memory of all its processes, with its `/tmp`
/// @param processesMax processes and threads of the agent
/// @param workspaceBytesMax bytes of everything that stays on disk, and of one file
/// @param tmpBytesMax bytes of `/tmp`, and again of `/dev/shm`
/// @param stopGrace how long a stopped shell may take to end before the sandbox is ended
public record SandboxLimits(
    long memoryBytesMax,
    int processesMax,
    long workspaceBytesMax,
    long tmpBytesMax,
    Duration stopGrace) {

  /// Processes beyond the agent's that the shim may need to do its work.
  static final int PROCESSES_RESERVED = 32;

  /// Processes that the way out may need beyond all others: one that listens, and one for each
  /// connection.
  static final int PROCESSES_OF_EGRESS = EgressRelay.CONNECTIONS_MAX + 1;

  public SandboxLimits {
    if (memoryBytesMax < 1 || workspaceBytesMax < 1 || tmpBytesMax < 1) {
      throw new IllegalArgumentException("a byte limit of a sandbox must be at least 1");
    }
    if (processesMax <= PROCESSES_RESERVED) {
      throw new IllegalArgumentException(
          "processes-max must be more than " + PROCESSES_RESERVED + ", got " + processesMax);
    }
  }

  /// The same with room for the processes of a way out.
  SandboxLimits withEgress() {
    return new SandboxLimits(
        memoryBytesMax,
        processesMax + PROCESSES_OF_EGRESS,
        workspaceBytesMax,
        tmpBytesMax,
        stopGrace);
  }
}
