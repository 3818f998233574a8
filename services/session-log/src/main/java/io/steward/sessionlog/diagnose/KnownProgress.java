package io.steward.sessionlog.diagnose;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.progress.SessionProgress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What was told of slow work lately: the newest about each thing, in the order in which it was
/// heard. How long it holds is measured by the clock of this replica alone. One thread adds, any
/// thread may ask.
final class KnownProgress {
  private final int max;
  private final InstantSource clock;
  private final LinkedHashMap<Key, Heard> newest = new LinkedHashMap<>();

  /// @param max things that are known at once, from 1; above it the oldest are forgotten
  KnownProgress(int max, InstantSource clock) {
    this.max = max;
    this.clock = clock;
  }

  private record Key(SessionId session, String about) {}

  /// It is told just now.
  void add(SessionProgress progress) {
    add(progress, clock.instant());
  }

  /// It was told before this replica listened. A time to come counts as now.
  ///
  /// @param toldAt by the clock of who told it: there is no other
  void addOld(SessionProgress progress, Instant toldAt) {
    Instant now = clock.instant();
    add(progress, toldAt.isBefore(now) ? toldAt : now);
  }

  private synchronized void add(SessionProgress progress, Instant at) {
    Key key = new Key(progress.sessionId(), progress.about());
    newest.remove(key);
    newest.put(key, new Heard(progress, at));
    Instant now = clock.instant();
    while (newest.size() > max
        || (!newest.isEmpty() && !newest.firstEntry().getValue().holds(now))) {
      newest.pollFirstEntry();
    }
  }

  /// What still holds about a session.
  synchronized List<Heard> of(SessionId session) {
    Instant now = clock.instant();
    return newest.entrySet().stream()
        .filter(entry -> entry.getKey().session.equals(session))
        .map(Map.Entry::getValue)
        .filter(heard -> heard.holds(now))
        .toList();
  }
}
