package io.steward.sessionlog.stream;

import io.steward.schemas.record.SessionRecord;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The open streams of one session. Frames are made once for all of them.
final class Audience {
  private final Set<Subscriber> subscribers = ConcurrentHashMap.newKeySet();

  /// Only the tail's thread touches it.
  private final EventFrames frames = new EventFrames(Instant.EPOCH);

  Set<Subscriber> subscribers() {
    return subscribers;
  }

  /// What streams show of a record, in the order of the log.
  ///
  /// @param at where the record lies
  List<Frame> frames(StreamPosition at, SessionRecord body) {
    return frames.of(at, body);
  }
}
