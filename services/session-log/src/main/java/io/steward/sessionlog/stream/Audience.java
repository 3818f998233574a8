package io.steward.sessionlog.stream;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.record.SessionRecord;
import io.steward.sessionlog.view.PublicEvents;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The open streams of one session. Frames are made once for all of them.
final class Audience {
  private final Set<Subscriber> subscribers = ConcurrentHashMap.newKeySet();

  /// The latest time of an event shown here, which lists never go below either. Only the tail's
  /// thread touches it.
  private Instant lastEventAt = Instant.EPOCH;

  Set<Subscriber> subscribers() {
    return subscribers;
  }

  /// What streams show of a record, in the order of the log.
  List<Frame> frames(SessionRecord body) {
    List<Frame> frames = new ArrayList<>();
    for (SessionEvent event : PublicEvents.of(body)) {
      Instant at = event.processedAt();
      lastEventAt = at != null && at.isAfter(lastEventAt) ? at : lastEventAt;
      frames.add(Frame.of(event, lastEventAt));
    }
    return frames;
  }
}
