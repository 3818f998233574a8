package io.steward.sandbox.save;

import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.util.Optional;

/// Which save point of a session is its newest. All methods may be called from any thread and on
/// any instance of the service.
public interface Heads {
  /// A save point.
  ///
  /// @param number counts the save points of a session, from 1
  /// @param key of its manifest in the blob store
  record Head(long number, String key) {}

  /// @throws IOException when the store does not answer
  Optional<Head> find(SessionId session) throws IOException;

  /// Makes `next` the newest, unless another than `expected` is.
  ///
  /// @return false when another is; then nothing changed
  /// @throws IOException when the store does not answer; the change may have happened or not
  boolean advance(SessionId session, Optional<Head> expected, Head next) throws IOException;

  /// Forgets the session.
  ///
  /// @throws IOException when the store does not answer
  void remove(SessionId session) throws IOException;
}
