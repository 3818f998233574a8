package io.steward.harness.partition;

import io.steward.schemas.id.SessionId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The sessions of a partition that are held in memory, least recently used first. Those that rest
/// are given up when the bytes of their records go beyond a limit; the log still has them.
final class SessionCache {
  private static final float LOAD_FACTOR = 0.75f;
  private static final int INITIAL_SESSIONS = 64;

  /// What a session costs beside its records.
  private static final long SESSION_BYTES = 4096;

  private final Map<SessionId, OwnedSession> sessions =
      new LinkedHashMap<>(INITIAL_SESSIONS, LOAD_FACTOR, true);
  private final long bytesMax;
  private final Predicate<OwnedSession> resting;
  private final Supplier<TurnWatch> watches;

  /// @param resting whether nothing is to be done for a session
  /// @param watches follow the turns of a session each
  SessionCache(long bytesMax, Predicate<OwnedSession> resting, Supplier<TurnWatch> watches) {
    this.bytesMax = bytesMax;
    this.resting = resting;
    this.watches = watches;
  }

  @Nullable OwnedSession find(SessionId id) {
    return sessions.get(id);
  }

  OwnedSession add(SessionId id) {
    OwnedSession owned = new OwnedSession(id, watches.get());
    sessions.put(id, owned);
    return owned;
  }

  void remove(SessionId id) {
    OwnedSession gone = sessions.remove(id);
    if (gone != null) {
      gone.leave();
    }
  }

  List<OwnedSession> all() {
    return new ArrayList<>(sessions.values());
  }

  /// Gives up resting sessions until the rest fits.
  void trim() {
    long bytes = 0;
    for (OwnedSession owned : sessions.values()) {
      bytes += owned.bytes() + SESSION_BYTES;
    }
    Iterator<OwnedSession> eldest = sessions.values().iterator();
    while (bytes > bytesMax && eldest.hasNext()) {
      OwnedSession owned = eldest.next();
      if (resting.test(owned)) {
        bytes -= owned.bytes() + SESSION_BYTES;
        eldest.remove();
        owned.watch().turns().leaves();
      }
    }
  }
}
