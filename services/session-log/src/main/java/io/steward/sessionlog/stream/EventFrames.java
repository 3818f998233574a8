package io.steward.sessionlog.stream;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.record.SessionRecord;
import io.steward.sessionlog.view.PublicEvents;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Makes the frames of one session's records, in the order of the log. One thread at a time.
final class EventFrames {
  /// The latest time of an event shown here, which lists never go below either.
  private Instant lastEventAt;

  /// @param lastEventAt the latest `processed_at` of what is already shown
  EventFrames(Instant lastEventAt) {
    this.lastEventAt = lastEventAt;
  }

  /// What streams show of a record.
  ///
  /// @param at where the record lies
  List<Frame> of(StreamPosition at, SessionRecord body) {
    List<Frame> frames = new ArrayList<>();
    for (SessionEvent event : PublicEvents.of(body)) {
      Instant time = event.processedAt();
      lastEventAt = time != null && time.isAfter(lastEventAt) ? time : lastEventAt;
      frames.add(Frame.of(event, lastEventAt, at.behind(frames.size() + 1)));
    }
    return frames;
  }
}
