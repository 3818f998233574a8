package io.steward.sessionlog.project;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.session.Session;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// The newest folds of recent sessions, bounded by the bytes of the records that are kept in them.
/// The projection's thread publishes; any thread may ask. A session that is not there is loaded
/// from the stored records by whoever asks first.
final class SessionFolds {
  private static final Set<String> MARKS =
      Set.of(
          "agent.message",
          "agent.thinking",
          "session.status_running",
          "session.status_idle",
          "session.thread_status_running",
          "session.thread_status_idle",
          "session.usage");

  private final long bytesMax;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<SessionId, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Integer, Long> folded = new HashMap<>();
  private long bytes;

  SessionFolds(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /// What a record adds to the size of a fold: that of its JSON, unless it only marks what happens
  /// and nothing of it is kept.
  static long weight(String type, byte[] json) {
    return MARKS.contains(type) || type.startsWith("span.") ? 0 : json.length;
  }

  /// A session and the weight of its records.
  ///
  /// @param unstored how many of them are in no stored fold
  record Loaded(Session session, long bytes, int unstored) {
    /// So many are read and folded in a few milliseconds.
    private static final int UNSTORED_MAX = 500;

    /// Whether it is to be stored.
    boolean isDue() {
      return unstored >= UNSTORED_MAX;
    }

    /// The same, stored or tried to be.
    Loaded stored() {
      return new Loaded(session, bytes, 0);
    }
  }

  /// Where sessions come from that are not here.
  interface Source {
    /// Waits until everything below `nextOffset` of a partition can be loaded.
    boolean await(TopicPartition partition, long nextOffset, Duration timeout);

    Loaded load(SessionId id);
  }

  private static final class Entry {
    private final CompletableFuture<Session> ready = new CompletableFuture<>();
    private @Nullable Loaded loaded;

    private long bytes() {
      return loaded == null ? 0 : loaded.bytes;
    }
  }

  /// The session as the projection's thread last published it.
  Optional<Loaded> recent(SessionId id) {
    lock.lock();
    try {
      Entry entry = entries.get(id);
      return entry == null ? Optional.empty() : Optional.ofNullable(entry.loaded);
    } finally {
      lock.unlock();
    }
  }

  /// The projection's thread has come to `nextOffset` in the session's partition, and this is the
  /// session now.
  ///
  /// @param now the session and the weight of all records that are folded in
  void publish(SessionId id, Loaded now, long nextOffset) {
    lock.lock();
    try {
      folded.put(id.partition(), nextOffset);
      if (now.session instanceof Session.Absent) {
        forget(id);
        return;
      }
      Entry entry = entries.computeIfAbsent(id, _ -> new Entry());
      bytes += now.bytes - entry.bytes();
      entry.loaded = now;
      entry.ready.complete(now.session);
      evict();
    } finally {
      lock.unlock();
    }
  }

  /// Nothing is known of the session any more.
  void remove(SessionId id) {
    lock.lock();
    try {
      forget(id);
    } finally {
      lock.unlock();
    }
  }

  /// Nothing is known of any session any more: what the folds were loaded from may be lost.
  void clear() {
    lock.lock();
    try {
      entries.clear();
      bytes = 0;
    } finally {
      lock.unlock();
    }
  }

  /// As after a start: the log is read from another place, perhaps another log.
  void restart() {
    lock.lock();
    try {
      clear();
      folded.clear();
    } finally {
      lock.unlock();
    }
  }

  /// The session as this replica knows it, loaded if need be.
  ///
  /// @return empty when it could not be loaded in time
  Optional<Session> get(SessionId id, Source source, Duration timeout) {
    Entry entry;
    long from;
    boolean loader;
    lock.lock();
    try {
      Entry known = entries.get(id);
      if (known != null && known.loaded != null) {
        return Optional.of(known.loaded.session);
      }
      loader = known == null;
      entry = known == null ? new Entry() : known;
      entries.putIfAbsent(id, entry);
      from = folded.getOrDefault(id.partition(), 0L);
    } finally {
      lock.unlock();
    }
    return loader ? load(id, entry, from, source, timeout) : await(entry, timeout);
  }

  private Optional<Session> load(
      SessionId id, Entry entry, long from, Source source, Duration timeout) {
    try {
      TopicPartition partition = new TopicPartition(Topics.SESSION_EVENTS, id.partition());
      if (!source.await(partition, from, timeout)) {
        abandon(id, entry);
        return Optional.empty();
      }
      return Optional.of(loaded(id, entry, source.load(id)));
    } catch (RuntimeException e) {
      abandon(id, entry);
      throw e;
    }
  }

  /// What the projection published meanwhile is newer than what was loaded.
  private Session loaded(SessionId id, Entry entry, Loaded loaded) {
    lock.lock();
    try {
      if (entry.loaded != null) {
        return entry.loaded.session;
      }
      entry.ready.complete(loaded.session);
      if (loaded.session instanceof Session.Absent) {
        entries.remove(id, entry);
      } else if (entries.get(id) == entry) {
        entry.loaded = loaded;
        bytes += loaded.bytes;
        evict();
      }
      return loaded.session;
    } finally {
      lock.unlock();
    }
  }

  private void abandon(SessionId id, Entry entry) {
    lock.lock();
    try {
      if (entry.loaded == null) {
        entries.remove(id, entry);
      }
      entry.ready.completeExceptionally(new TimeoutException("the session could not be loaded"));
    } finally {
      lock.unlock();
    }
  }

  private static Optional<Session> await(Entry entry, Duration timeout) {
    try {
      return Optional.of(entry.ready.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException | TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private void forget(SessionId id) {
    Entry entry = entries.remove(id);
    if (entry != null) {
      bytes -= entry.bytes();
      entry.ready.complete(Session.ABSENT);
    }
  }

  /// The newest stays however large it is: it would be loaded again for its next record.
  private void evict() {
    Iterator<Entry> oldest = entries.values().iterator();
    while (bytes > bytesMax && oldest.hasNext()) {
      Entry entry = oldest.next();
      if (entry.loaded != null && oldest.hasNext()) {
        bytes -= entry.bytes();
        oldest.remove();
      }
    }
  }
}
