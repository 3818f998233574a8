package io.steward.sandbox.save;

import io.steward.sandbox.driver.SessionDirectory;
import io.steward.sandbox.driver.Trees;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Save points of all sessions here. A save is asked for after a call and runs beside everything
/// else, on a few threads of its own; the next call of the session waits for it for a bounded time.
/// Safe from any thread.
public final class SavePoints implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(SavePoints.class);
  private static final int LOCKS = 64;
  private static final Duration CLOSE_MAX = Duration.ofSeconds(2);
  private static final Duration RESTORE_PAUSE = Duration.ofMillis(250);
  private static final String NOT_RESTORED =
      "The saved files of this session could not be restored, so nothing ran. Try again later.";

  /// A save begins so long after it was asked for, so that what the call wrote last differs from
  /// what is written later.
  private static final long REST_MS = 30;

  private final Parts parts;
  private final Counts counts;
  private final ExecutorService threads;
  private final Executor afterRest;
  private final Map<SessionId, Pending> pending = new ConcurrentHashMap<>();
  private final Map<SessionId, Boolean> forbidden = new ConcurrentHashMap<>();
  private final Object[] locks = IntStream.range(0, LOCKS).mapToObj(i -> new Object()).toArray();
  private volatile boolean stopping;

  /// What all sessions share.
  ///
  /// @param root directory with a directory per session
  public record Parts(
      Path root,
      BlobStore blobs,
      Heads heads,
      Workspaces workspaces,
      InstantSource clock,
      SaveLimits limits) {}

  /// Hears what came of saves and restorations.
  public interface Counts {
    void saved();

    void notSaved();

    void restored();

    void notRestored();

    /// The files of a session were removed because nobody used them.
    void workspaceRemoved();
  }

  /// Saves of a session that are not through.
  ///
  /// @param next begins after the running one, for all who asked meanwhile
  private record Pending(CompletableFuture<Void> running, @Nullable CompletableFuture<Void> next) {
    CompletableFuture<Void> last() {
      return next == null ? running : next;
    }
  }

  public SavePoints(Parts parts, Counts counts) {
    this.parts = parts;
    this.counts = counts;
    AtomicInteger count = new AtomicInteger();
    this.threads =
        Executors.newFixedThreadPool(
            parts.limits().atOnce(),
            work ->
                Thread.ofPlatform()
                    .name("save-point-" + count.incrementAndGet())
                    .daemon()
                    .unstarted(work));
    this.afterRest = CompletableFuture.delayedExecutor(REST_MS, TimeUnit.MILLISECONDS, threads);
  }

  /// Asks for a save that begins after now. One that fails is made good by the next.
  public void ask(SessionId session) {
    if (stopping || forbidden.containsKey(session)) {
      return;
    }
    var _ =
        pending.compute(
            session,
            (id, known) -> {
              if (known == null) {
                return start(id, new CompletableFuture<>());
              }
              return known.next() == null
                  ? new Pending(known.running(), new CompletableFuture<>())
                  : known;
            });
  }

  private Pending start(SessionId session, CompletableFuture<Void> done) {
    afterRest.execute(() -> {
      try {
        save(session);
      } finally {
        var _ =
            pending.computeIfPresent(
                session, (id, known) -> known.next() == null ? null : start(id, known.next()));
        done.complete(null);
      }
    });
    return new Pending(done, null);
  }

  /// Waits until no save of `session` runs that was asked for before, or for as long as a limit
  /// says: then the call and the save go on beside each other, and the next save takes what
  /// changed.
  public void settle(SessionId session) {
    await(session, parts.limits().patience());
  }

  private void await(SessionId session, Duration longest) {
    Pending known = pending.get(session);
    if (known != null) {
      known.last().copy().completeOnTimeout(null, longest.toMillis(), TimeUnit.MILLISECONDS).join();
    }
  }

  private void save(SessionId session) {
    long start = System.nanoTime();
    long latest = start + parts.limits().timeout().toNanos();
    SessionSave save =
        save(
            session,
            () -> stopping || forbidden.containsKey(session) || System.nanoTime() - latest > 0);
    try {
      synchronized (lock(session)) {
        SessionSave.Saved saved = save.save();
        if (saved.changed()) {
          counts.saved();
          LOG.debugf(
              "saved session_id=%s entries=%d bytes=%d duration_ms=%d",
              session,
              saved.entries(),
              saved.bytes(),
              TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        }
      }
    } catch (IOException | RuntimeException e) {
      if (!stopping && !forbidden.containsKey(session)) {
        counts.notSaved();
        LOG.warnf(
            e instanceof SaveRefusedException ? null : e,
            "no save point was made, the last one stays session_id=%s: %s",
            session,
            e.getMessage());
      }
    }
  }

  private SessionSave save(SessionId session, BooleanSupplier stopped) {
    return new SessionSave(session, SessionDirectory.of(parts.root(), session), parts, stopped);
  }

  private Object lock(SessionId session) {
    return locks[Math.floorMod(session.hashCode(), LOCKS)];
  }

  /// Whether the directory of `session` is as new as its newest save point.
  ///
  /// @throws IOException when that cannot be found out
  public boolean isCurrent(SessionId session) throws IOException {
    SessionSave save = save(session, () -> false);
    if (save.isCurrent()) {
      return true;
    }
    synchronized (lock(session)) {
      return save.isCurrent(); // What a save of this service did in between looks old.
    }
  }

  /// Restores the directory of `session`, unless it is as new as its newest save point. No sandbox
  /// may live on it. While the database or the blob store does not answer it waits, for a bounded
  /// time.
  ///
  /// @param owner the user of the machine who owns what belongs to the agent
  /// @param givenUp ends the waiting
  /// @return a sentence for the model when it could not be restored
  public Optional<String> bring(SessionId session, OptionalInt owner, BooleanSupplier givenUp) {
    long latest = System.nanoTime() + parts.limits().storeWait().toNanos();
    while (true) {
      try {
        restore(session, owner);
        return Optional.empty();
      } catch (IOException | UncheckedIOException e) {
        if (isFinal(e) || stopping || givenUp.getAsBoolean() || System.nanoTime() - latest > 0) {
          counts.notRestored();
          LOG.errorf(e, "the saved files could not be restored session_id=%s", session);
          return Optional.of(NOT_RESTORED);
        }
        LOG.warnf("saved files do not come, trying again session_id=%s: %s", session, e);
        LockSupport.parkNanos(RESTORE_PAUSE.toNanos());
      }
    }
  }

  private void restore(SessionId session, OptionalInt owner) throws IOException {
    long start = System.nanoTime();
    SessionSave save = save(session, () -> stopping);
    synchronized (lock(session)) {
      beginGeneration(session);
      if (save.isCurrent()) {
        return;
      }
      int entries = save.restore(owner);
      counts.restored();
      LOG.infof(
          "restored session_id=%s entries=%d duration_ms=%d",
          session, entries, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }
  }

  /// Files that retention gave up are not used again, wherever they still are.
  private void beginGeneration(SessionId session) throws IOException {
    Workspaces.Use use = parts.workspaces().use(session);
    SessionDirectory directory = SessionDirectory.of(parts.root(), session);
    if (Generation.read(directory.service()) < use.generation()) {
      Trees.remove(directory.path());
      Generation.begin(directory.service(), use.generation(), use.unusedDays());
    }
  }

  /// A sentence for the agent when its files were removed and it was not told yet. Once.
  public Optional<String> takeNotice(SessionId session) {
    Path service = SessionDirectory.of(parts.root(), session).service();
    OptionalLong days = Generation.untold(service);
    if (days.isEmpty()) {
      return Optional.empty();
    }
    try {
      Generation.told(service);
      parts.workspaces().told(session);
    } catch (IOException e) {
      LOG.debugf("the agent may be told again session_id=%s: %s", session, e);
    }
    return Optional.of(
        "[This is a fresh workspace: the earlier one was removed after %d days without use.]"
            .formatted(days.getAsLong()));
  }

  /// Removes the files of `session` everywhere if it did not use them for `kept`.
  void removeUnused(SessionId session, Duration kept) throws IOException {
    Workspaces.Removed removed;
    synchronized (lock(session)) {
      Optional<Workspaces.Removed> mine = parts.workspaces().remove(session, kept);
      if (mine.isEmpty()) {
        return; // It was used meanwhile, or another instance does it.
      }
      removed = mine.get();
      removeDirectory(session);
    }
    counts.workspaceRemoved();
    LOG.infof(
        "workspace removed, unused for %d days session_id=%s last_used=%s saved_bytes=%s",
        kept.toDays(), session, removed.usedAt(), savedBytes(session, removed));
    removeBlobs(session, removed.generation());
  }

  private String savedBytes(SessionId session, Workspaces.Removed removed) {
    try {
      return removed.newest().isEmpty()
          ? "0"
          : Long.toString(save(session, () -> false).manifest(removed.newest().get()).bytes());
    } catch (IOException | UncheckedIOException e) {
      return "unknown";
    }
  }

  /// Removes the directory of `session` if retention gave up what is in it.
  void removeOutdated(SessionId session) throws IOException {
    Path service = SessionDirectory.of(parts.root(), session).service();
    synchronized (lock(session)) {
      if (Generation.read(service) < parts.workspaces().generation(session)) {
        removeDirectory(session);
      }
    }
  }

  private void removeDirectory(SessionId session) {
    try {
      Trees.remove(SessionDirectory.of(parts.root(), session).path());
    } catch (IOException e) {
      LOG.warnf("a directory was not removed, will be tried again session_id=%s: %s", session, e);
    }
  }

  /// Removes the blobs of a generation that was given up. What fails is tried again later.
  void removeBlobs(SessionId session, long generation) {
    try {
      parts.blobs().deleteAll(SessionSave.prefix(session, generation));
      parts.workspaces().cleared(session);
    } catch (IOException e) {
      LOG.warnf("save points were not removed, will be tried again session_id=%s: %s", session, e);
    }
  }

  /// Whether another attempt would end the same way: the save point itself is bad.
  private static boolean isFinal(Exception failure) {
    return failure instanceof SaveRefusedException || failure instanceof NoSuchFileException;
  }

  /// From now on no save point of `session` is made, until [#remove] is through.
  public void forbid(SessionId session) {
    forbidden.put(session, true);
  }

  /// Removes all save points of `session`; none is made any more.
  ///
  /// @throws IOException when a store does not answer
  public void remove(SessionId session) throws IOException {
    forbidden.put(session, true);
    try {
      await(session, parts.limits().timeout());
      synchronized (lock(session)) {
        long newest = parts.workspaces().generation(session);
        parts.heads().remove(session);
        for (long generation = 0; generation <= newest; generation++) {
          parts.blobs().deleteAll(SessionSave.prefix(session, generation));
        }
        parts.workspaces().forget(session);
        LocalIndex.remove(SessionDirectory.of(parts.root(), session).service());
      }
    } finally {
      forbidden.remove(session);
    }
  }

  /// Lets saves end that are quick. What the others did not come to is saved after the next call:
  /// the directory stays.
  @Override
  public void close() {
    CompletableFuture.allOf(
            pending.values().stream().map(Pending::last).toArray(CompletableFuture<?>[]::new))
        .completeOnTimeout(null, CLOSE_MAX.toMillis(), TimeUnit.MILLISECONDS)
        .join();
    stopping = true;
    threads.shutdown();
    try {
      boolean _ = threads.awaitTermination(CLOSE_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
