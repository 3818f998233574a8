package io.steward.vaultproxy.transport;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One message to a server and what comes back for it: how long that may take, how it is stopped,
/// and the room its answer takes. Safe from any thread.
public final class Exchange implements AutoCloseable {
  private final Duration timeMax;
  private final long endNanos;
  private final Semaphore largeAnswers;
  private final NotedUses noted;
  private @Nullable Runnable ending;
  private @Nullable String requestId;
  private boolean stopped;
  private boolean large;
  private boolean closed;

  /// @param timeMax from now on
  /// @param largeAnswers permits for answers that are large
  public Exchange(Duration timeMax, Semaphore largeAnswers) {
    this(timeMax, largeAnswers, new NotedUses());
  }

  /// @param noted the uses it has in common with others
  Exchange(Duration timeMax, Semaphore largeAnswers, NotedUses noted) {
    this.noted = noted;
    this.timeMax = timeMax;
    this.endNanos = System.nanoTime() + timeMax.toNanos();
    this.largeAnswers = largeAnswers;
  }

  /// An exchange that comes before this one: it ends with it, and has no more time.
  public Exchange before(Duration longest) {
    Duration left = left();
    Exchange earlier = new Exchange(left.compareTo(longest) < 0 ? left : longest, largeAnswers);
    endsWith(earlier::stop);
    return earlier;
  }

  NotedUses noted() {
    return noted;
  }

  Duration timeMax() {
    return timeMax;
  }

  /// Zero when the time is over.
  public Duration left() {
    return Duration.ofNanos(Math.max(0, endNanos - System.nanoTime()));
  }

  /// What has to be done when the exchange is stopped, in place of what had to be before. Done at
  /// once when it already is.
  void endsWith(Runnable how) {
    synchronized (this) {
      if (!stopped) {
        ending = how;
        return;
      }
    }
    how.run();
  }

  /// Nobody waits for the answer any more.
  public void stop() {
    Runnable how;
    synchronized (this) {
      stopped = true;
      how = ending;
      ending = null;
    }
    if (how != null) {
      how.run();
    }
  }

  public synchronized boolean isStopped() {
    return stopped;
  }

  synchronized void sends(String request) {
    requestId = request;
  }

  /// The id of the JSON-RPC request, once it is on its way.
  public synchronized Optional<String> requestId() {
    return Optional.ofNullable(requestId);
  }

  /// Waits until there is room for a large answer.
  void takeRoom() throws ServerFailure {
    synchronized (this) {
      if (large) {
        return;
      }
    }
    try {
      if (!largeAnswers.tryAcquire(left().toNanos(), TimeUnit.NANOSECONDS)) {
        throw ServerFailure.late(this);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ServerFailure.broken(this);
    }
    synchronized (this) {
      large = !closed;
      if (large) {
        return;
      }
    }
    largeAnswers.release();
  }

  /// Its answer is not needed any more: gives its room back.
  @Override
  public void close() {
    boolean had;
    synchronized (this) {
      had = large;
      large = false;
      closed = true;
      ending = null;
    }
    if (had) {
      largeAnswers.release();
    }
  }
}
