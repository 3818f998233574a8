package io.steward.schemas.blob;

import java.io.IOException;

/// Keeps bodies that are too large for a Kafka record. A blob is written once under a key and never
/// changed; writing the same key again with the same bytes has no effect.
public interface BlobStore {
  /// Writes `bytes` under `key` (`a/b/c`, characters `A-Za-z0-9_.-` between slashes) and returns
  /// once they would survive a crash of this process.
  ///
  /// @throws IOException when the store cannot take them
  void put(String key, byte[] bytes) throws IOException;

  /// The bytes under `key`.
  ///
  /// @throws java.nio.file.NoSuchFileException when there are none
  byte[] get(String key) throws IOException;

  /// Removes everything whose key starts with `prefix` followed by a slash.
  void deleteAll(String prefix) throws IOException;
}
