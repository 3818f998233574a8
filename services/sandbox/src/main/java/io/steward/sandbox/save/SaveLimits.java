package io.steward.sandbox.save;

import java.time.Duration;

/// What save points may cost. Above `bytesMax` or `filesMax` none is made, and the last one stays.
///
/// @param bytesMax bytes of all files of a session, sparse ones and hard links counted in full
/// @param filesMax files, directories and symlinks of a session
/// @param timeout how long one save may take
/// @param atOnce saves that run at once; others wait
/// @param patience how long the next call of a session waits for a save
/// @param storeWait how long a call waits for a database or blob store that does not answer, before
///   it fails because its files cannot be restored
public record SaveLimits(
    long bytesMax,
    long filesMax,
    Duration timeout,
    int atOnce,
    Duration patience,
    Duration storeWait) {
  /// Deeper directories are left out.
  static final int DEPTH_MAX = 128;

  /// Longer paths are left out, in bytes: the system takes 4,096 with the path of the directory in
  /// which they are restored.
  static final int PATH_BYTES_MAX = 3000;

  /// At so many packs the small ones are made one.
  static final int PACKS_MAX = 24;

  /// Packs below this size are always worth putting together, in bytes.
  static final long SMALL_PACK_BYTES = 1 << 20;

  /// All is written anew when packs hold this many times what is alive.
  static final int GARBAGE_FACTOR = 2;

  /// What an entry costs beside its content, in bytes.
  static final long ENTRY_BYTES = 512;
}
