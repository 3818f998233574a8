package io.steward.sessionlog.diagnose;

import io.steward.schemas.id.SessionId;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What was told of slow work lately: the newest about each thing, in the order in which it was
/// told. One thread adds, any thread may ask.
final class KnownProgress {
  private final int max;
  private final LinkedHashMap<Key, Heard> newest = new LinkedHashMap<>();

  /// @param max things that are known at once, from 1; above it the oldest are forgotten
  KnownProgress(int max) {
    this.max = max;
  }

  private record Key(SessionId session, String about) {}

  synchronized void add(Heard heard) {
    Key key = new Key(heard.progress().sessionId(), heard.progress().about());
    newest.remove(key);
    newest.put(key, heard);
    while (newest.size() > max || !newest.firstEntry().getValue().holds(heard.at())) {
      newest.pollFirstEntry();
    }
  }

  /// What still holds about a session.
  synchronized List<Heard> of(SessionId session, Instant now) {
    return newest.entrySet().stream()
        .filter(entry -> entry.getKey().session.equals(session))
        .map(Map.Entry::getValue)
        .filter(heard -> heard.holds(now))
        .toList();
  }
}
