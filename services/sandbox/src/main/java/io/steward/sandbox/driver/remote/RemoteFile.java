package io.steward.sandbox.driver.remote;

/// What is known of a file, directory or symlink.
///
/// @param type `f`, `d` or `l`
/// @param mode permissions, at most 07777
/// @param bytes size of a file; else 0
/// @param mtimeNanos nanoseconds since 1970; 0 for what is no file
/// @param ctime as the inside tells it; empty when that is not known
/// @param target text of a symlink as bytes, one character each; else empty
record RemoteFile(char type, int mode, long bytes, long mtimeNanos, String ctime, String target) {
  static RemoteFile of(
      char type, int mode, long bytes, long mtimeNanos, String ctime, String target) {
    boolean file = type == 'f';
    return new RemoteFile(
        type,
        type == 'l' ? 0 : mode,
        file ? bytes : 0,
        file ? mtimeNanos : 0,
        file ? ctime : "",
        type == 'l' ? target : "");
  }

  boolean isFile() {
    return type == 'f';
  }

  boolean isDirectory() {
    return type == 'd';
  }

  /// Whether the inside can look into it; what is below a closed directory is not listed.
  boolean isClosed() {
    return isDirectory() && (mode & 0500) != 0500;
  }

  /// What the library for archives keeps of times, in nanoseconds.
  private static final long TIME_STEP = 100;

  /// Whether the content is the same as far as anybody can tell.
  boolean hasContentOf(RemoteFile other) {
    return type == other.type
        && bytes == other.bytes
        && Math.floorDiv(mtimeNanos, TIME_STEP) == Math.floorDiv(other.mtimeNanos, TIME_STEP)
        && target.equals(other.target)
        && (ctime.isEmpty() || other.ctime.isEmpty() || ctime.equals(other.ctime));
  }
}
