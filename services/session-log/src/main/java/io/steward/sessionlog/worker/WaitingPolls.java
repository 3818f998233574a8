package io.steward.sessionlog.worker;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Polls that wait for something to come into the queue of their environment. One of them is woken
/// for each thing that comes, the one that waits longest; a wake-up nobody used goes to the next.
final class WaitingPolls {
  private final int max;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Deque<Waiter>> waiting = new HashMap<>();
  private int count;

  /// @param max how many may wait
  WaitingPolls(int max) {
    this.max = max;
  }

  /// A poll that waits, from now on.
  final class Waiter implements AutoCloseable {
    private final String environment;
    private final Condition woken = lock.newCondition();
    private boolean wakeUp;

    private Waiter(String environment) {
      this.environment = environment;
    }

    /// Waits until it is woken, which uses the wake-up.
    ///
    /// @return false when the time was over first, or the thread was interrupted
    boolean await(long nanosMax) {
      long nanos = nanosMax;
      lock.lock();
      try {
        while (!wakeUp) {
          if (nanos <= 0) {
            return false;
          }
          nanos = woken.awaitNanos(nanos);
        }
        wakeUp = false;
        line().addLast(this);
        return true;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        count--;
        if (wakeUp) {
          wake(environment);
        } else {
          Deque<Waiter> line = line();
          line.remove(this);
          if (line.isEmpty()) {
            waiting.remove(environment);
          }
        }
      } finally {
        lock.unlock();
      }
    }

    private Deque<Waiter> line() {
      return waiting.computeIfAbsent(environment, _ -> new ArrayDeque<>());
    }
  }

  /// Begins to wait.
  ///
  /// @return empty when too many do
  Optional<Waiter> enter(String environment) {
    lock.lock();
    try {
      if (count >= max) {
        return Optional.empty();
      }
      count++;
      Waiter waiter = new Waiter(environment);
      waiter.line().addLast(waiter);
      return Optional.of(waiter);
    } finally {
      lock.unlock();
    }
  }

  /// Something came into the queue of an environment.
  void wake(String environment) {
    lock.lock();
    try {
      Deque<Waiter> line = waiting.get(environment);
      Waiter first = line == null ? null : line.pollFirst();
      if (first != null) {
        first.wakeUp = true;
        first.woken.signal();
      }
      if (line != null && line.isEmpty()) {
        waiting.remove(environment);
      }
    } finally {
      lock.unlock();
    }
  }

  /// How many polls wait.
  int count() {
    lock.lock();
    try {
      return count;
    } finally {
      lock.unlock();
    }
  }
}
