package io.steward.sandbox.output;

/// What a session may publish. What is beyond stays in the sandbox, with a line in the log.
///
/// @param fileBytesMax bytes of one file
/// @param filesMax paths over the life of a session
/// @param bytesMax bytes over the life of a session, every version of a file counted
public record OutputLimits(long fileBytesMax, int filesMax, long bytesMax) {
  /// Files and directories that one look visits.
  static final int ENTRIES_MAX = 20_000;

  /// Directories below each other.
  static final int DEPTH_MAX = 16;

  public OutputLimits {
    if (fileBytesMax < 1 || filesMax < 1 || bytesMax < 1) {
      throw new IllegalArgumentException("a limit of outputs must be at least 1");
    }
  }
}
