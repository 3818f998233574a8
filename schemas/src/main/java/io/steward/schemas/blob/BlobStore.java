package io.steward.schemas.blob;

import java.io.IOException;
import java.io.InputStream;

/// Keeps bodies that are too large for a Kafka record. A blob is written once under a key and never
/// changed; writing the same key again with the same bytes has no effect.
public interface BlobStore {
  /// Writes `bytes` under `key` (`a/b/c`, characters `A-Za-z0-9_.-` between slashes) and returns
  /// once they would survive a crash of this process.
  ///
  /// @throws IOException when the store cannot take them
  void put(String key, byte[] bytes) throws IOException;

  /// Writes what `content` holds under `key`, as [#put(String, byte[])] does, without keeping it in
  /// memory. When reading fails, nothing is stored.
  ///
  /// @return how many bytes were written
  /// @throws IOException when the store cannot take them, or as `content` throws
  long put(String key, InputStream content) throws IOException;

  /// Stores the blob under `from` a second time, under `to`.
  ///
  /// @throws java.nio.file.NoSuchFileException when there is none under `from`
  void copy(String from, String to) throws IOException;

  /// The bytes under `key`, as a stream the caller closes.
  ///
  /// @throws java.nio.file.NoSuchFileException when there are none
  InputStream open(String key) throws IOException;

  /// Removes the blob under `key`, if there is one.
  void delete(String key) throws IOException;

  /// The bytes under `key`.
  ///
  /// @throws java.nio.file.NoSuchFileException when there are none
  byte[] get(String key) throws IOException;

  /// Removes everything whose key starts with `prefix` followed by a slash.
  void deleteAll(String prefix) throws IOException;
}
