package io.steward.sessionlog.stream;

import io.steward.schemas.record.SessionRecord;
import io.steward.sessionlog.project.Sessions;
import io.steward.sessionlog.project.StoredRecord;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jboss.logging.Logger;

/// Shows a stream the events its reader missed, from the database, and lets it go on with what
/// comes. What it shows next is read once the reader has taken what it showed before. When anything
/// fails the stream ends, and its reader can resume it where it ended.
final class Replay implements Runnable {
  private static final Logger LOG = Logger.getLogger(Replay.class);

  private final Sessions sessions;
  private final Subscriber subscriber;
  private final StreamPosition after;
  private final StreamPosition end;
  private final long pageBytes;
  private final Semaphore turns;
  private final Runnable whenLive;

  /// @param after what the reader saw last
  /// @param end from where the stream itself shows events
  /// @param pageBytes how much is read at once
  /// @param turns limits how many streams read at once
  /// @param whenLive is called behind the last event that was missed
  Replay(
      Sessions sessions,
      Subscriber subscriber,
      StreamPosition after,
      StreamPosition end,
      long pageBytes,
      Semaphore turns,
      Runnable whenLive) {
    this.sessions = sessions;
    this.subscriber = subscriber;
    this.after = after;
    this.end = end;
    this.pageBytes = pageBytes;
    this.turns = turns;
    this.whenLive = whenLive;
  }

  @Override
  public void run() {
    try {
      if (showMissed()) {
        subscriber.goLive();
        whenLive.run();
      } else {
        subscriber.leave();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      subscriber.leave();
    } catch (RuntimeException e) {
      LOG.warnf(
          "session_id=%s: a stream that was resumed ends: %s",
          subscriber.session(), e.getMessage());
      subscriber.leave();
    }
  }

  /// @return whether everything up to the end was shown
  private boolean showMissed() throws InterruptedException {
    EventFrames frames =
        new EventFrames(sessions.lastEventAt(subscriber.session(), after.offset()));
    long next = after.offset();
    while (next < end.offset()) {
      if (!subscriber.awaitTaken()) {
        return false;
      }
      List<StoredRecord> page = page(next);
      for (StoredRecord record : page) {
        Optional<SessionRecord> body = record.body();
        if (body.isEmpty()) {
          return false; // The session is set aside here, and a stream never leaves anything out.
        }
        show(frames.of(end.atRecord(record.offset()), body.get()), record.offset());
      }
      next = page.isEmpty() ? end.offset() : page.getLast().offset() + 1;
    }
    return true;
  }

  private List<StoredRecord> page(long next) throws InterruptedException {
    turns.acquire();
    try {
      return sessions.records(subscriber.session(), next, end.offset(), pageBytes);
    } finally {
      turns.release();
    }
  }

  private void show(List<Frame> frames, long offset) {
    int shown = offset == after.offset() ? Math.min(after.events(), frames.size()) : 0;
    frames.subList(shown, frames.size()).forEach(subscriber::replay);
  }
}
