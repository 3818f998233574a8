package io.steward.vaultproxy.audit;

import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.schemas.vault.CredentialUse;
import io.steward.schemas.vault.CredentialUse.Outcome;
import io.steward.schemas.vault.CredentialUse.Purpose;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jboss.logging.Logger;

/// Uses on their way into the table. One thread writes them, all that wait in one transaction.
/// While the database is away they wait here; when [#ROOM_MAX] wait, nobody may use a credential
/// any more, and what was begun before that still finds a place.
///
/// A process that is killed loses what waits, which normally is what came in the last milliseconds.
public final class UseQueue implements CredentialUses, AutoCloseable {
  /// Uses that may wait before no more credentials are used.
  public static final int ROOM_MAX = 5_000;

  /// Uses that may wait in all. The difference is more than can be under way at once: the
  /// connections of the egress proxy, and calls, clones, refreshes and validations.
  public static final int WAITING_MAX = 10_000;

  /// Uses of one transaction.
  public static final int BATCH_MAX = 500;

  /// How long [#record] waits.
  public static final Duration WAIT_MAX = Duration.ofSeconds(1);

  private static final Logger LOG = Logger.getLogger(UseQueue.class);
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final Duration RETRY = Duration.ofMillis(500);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(3);

  private final PostgresUses table;
  private final Runnable onWritten;
  private final int roomMax;
  private final BlockingQueue<Waiting> queue;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final CountDownLatch hopeless = new CountDownLatch(1);
  private final AtomicLong lost = new AtomicLong();
  private final Map<Kind, LongAdder> noted = new HashMap<>();
  private final Thread thread =
      Thread.ofPlatform().daemon().name("credential-uses").unstarted(this::run);
  private volatile boolean failing;
  private volatile boolean closed;

  private record Kind(Purpose purpose, Outcome outcome) {}

  private record Waiting(CredentialUse use, CountDownLatch written) {}

  /// @param onWritten is called when uses were written; must not wait
  public UseQueue(PostgresUses table, Runnable onWritten) {
    this(table, onWritten, ROOM_MAX, WAITING_MAX);
  }

  UseQueue(PostgresUses table, Runnable onWritten, int roomMax, int waitingMax) {
    this.table = table;
    this.onWritten = onWritten;
    for (Purpose purpose : Purpose.values()) {
      for (Outcome outcome : Outcome.values()) {
        noted.put(new Kind(purpose, outcome), new LongAdder());
      }
    }
    this.roomMax = roomMax;
    this.queue = new LinkedBlockingQueue<>(waitingMax);
  }

  public void start() {
    thread.start();
  }

  @Override
  public boolean hasRoom() {
    return queue.size() < roomMax && closing.getCount() > 0;
  }

  @Override
  public void note(CredentialUse use) {
    var _ = offered(use);
  }

  @Override
  public void record(CredentialUse use) {
    try {
      boolean _ = offered(use).await(WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private CountDownLatch offered(CredentialUse use) {
    Objects.requireNonNull(noted.get(new Kind(use.purpose(), use.outcome()))).increment();
    Waiting waiting = new Waiting(use, new CountDownLatch(1));
    if (closed || !queue.offer(waiting)) {
      lose(waiting);
    }
    return waiting.written();
  }

  /// The log is the last place where it is known.
  private void lose(Waiting waiting) {
    lost.incrementAndGet();
    LOG.errorf("a use of a credential is not recorded: %s", waiting.use());
    waiting.written().countDown();
  }

  /// Uses that wait.
  public int waiting() {
    return queue.size();
  }

  /// Uses of that kind since the start, kept or lost.
  public long noted(Purpose purpose, Outcome outcome) {
    return Objects.requireNonNull(noted.get(new Kind(purpose, outcome))).sum();
  }

  /// Uses that are in the log only.
  public long lost() {
    return lost.get();
  }

  /// Whether the last transaction failed.
  public boolean isFailing() {
    return failing;
  }

  private void run() {
    List<Waiting> batch = new ArrayList<>();
    while (closing.getCount() > 0 || !queue.isEmpty()) {
      try {
        Waiting first = queue.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        if (first != null) {
          batch.add(first);
          queue.drainTo(batch, BATCH_MAX - 1);
          write(batch);
        }
      } catch (InterruptedException | RuntimeException | OutOfMemoryError e) {
        LOG.errorf(e, "uses of credentials could not be written");
        batch.forEach(this::lose);
      }
      batch.clear();
    }
  }

  private void write(List<Waiting> batch) throws InterruptedException {
    if (!kept(batch)) { // The database refuses one of them.
      for (Waiting one : batch) {
        if (!kept(List.of(one))) {
          lose(one);
        }
      }
    }
    batch.forEach(waiting -> waiting.written().countDown());
    onWritten.run();
  }

  /// Tries as long as it takes. False when trying again is of no use.
  private boolean kept(List<Waiting> batch) throws InterruptedException {
    List<CredentialUse> uses = batch.stream().map(Waiting::use).toList();
    while (hopeless.getCount() > 0) {
      try {
        table.keep(uses);
        say(false, "");
        return true;
      } catch (DependencyAwayException e) {
        say(true, String.valueOf(e.getCause()));
        boolean _ = hopeless.await(RETRY.toMillis(), TimeUnit.MILLISECONDS);
      } catch (IllegalStateException e) {
        LOG.warnf(
            "%d uses of credentials cannot be written at once: %s", uses.size(), e.getCause());
        return false;
      }
    }
    return false;
  }

  private void say(boolean fails, String why) {
    if (fails && !failing) {
      LOG.warnf("uses of credentials cannot be written, trying again: %s", why);
    } else if (!fails && failing) {
      LOG.info("uses of credentials are written again");
    }
    failing = fails;
  }

  /// Writes what waits. What the database does not take within [#CLOSE_MAX] is only in the log.
  @Override
  public void close() {
    closing.countDown();
    try {
      if (thread.getState() != Thread.State.NEW && !thread.join(CLOSE_MAX)) {
        hopeless.countDown();
        boolean _ = thread.join(CLOSE_MAX);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    closed = true;
    List<Waiting> rest = new ArrayList<>();
    queue.drainTo(rest);
    rest.forEach(this::lose);
  }
}
