package io.steward.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// A load generator that never waits for the system it loads: each task begins when the schedule
/// says so, on a thread of its own. A task takes its time from the intended beginning it is given,
/// so that a stall counts for all tasks it delays (no coordinated omission).
public final class OpenLoop {
  /// Tasks that may be under way at once; one more fails without having begun.
  public static final int TASKS_OPEN_MAX = 10_000;

  private static final int FAILURES_KEPT_MAX = 5;

  private OpenLoop() {}

  /// One task of a load.
  public interface Task {
    /// @param index from 0
    /// @param intendedNanos when it should have begun, by [System#nanoTime()]
    void run(int index, long intendedNanos) throws Exception;
  }

  /// How a load went.
  ///
  /// @param failures the first different ones, in words
  /// @param lateNanosMax by how much the generator itself began a task late, at worst
  public record Outcome(int done, int failed, List<String> failures, long lateNanosMax) {
    /// @throws IllegalStateException when a task failed
    public Outcome orThrow() {
      if (failed > 0) {
        throw new IllegalStateException(
            "%d of %d tasks failed: %s".formatted(failed, done + failed, failures));
      }
      return this;
    }
  }

  /// Runs all tasks and waits for them.
  public static Outcome run(Schedule schedule, Task task) throws InterruptedException {
    AtomicInteger done = new AtomicInteger();
    List<String> failures = new ArrayList<>();
    AtomicInteger failed = new AtomicInteger();
    Semaphore open = new Semaphore(TASKS_OPEN_MAX);
    long lateNanosMax = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long startNanos = System.nanoTime();
      for (int i = 0; i < schedule.count(); i++) {
        int index = i;
        long intendedNanos = startNanos + schedule.offsetNanos(i);
        awaitUntil(intendedNanos);
        lateNanosMax = Math.max(lateNanosMax, System.nanoTime() - intendedNanos);
        if (!open.tryAcquire()) {
          fail(failed, failures, TASKS_OPEN_MAX + " tasks are under way");
          continue;
        }
        threads.execute(() -> {
          try {
            task.run(index, intendedNanos);
            done.incrementAndGet();
          } catch (Exception e) {
            fail(failed, failures, e.toString());
          } finally {
            open.release();
          }
        });
      }
    }
    return new Outcome(done.get(), failed.get(), List.copyOf(failures), lateNanosMax);
  }

  private static void fail(AtomicInteger failed, List<String> failures, String why) {
    failed.incrementAndGet();
    synchronized (failures) {
      if (failures.size() < FAILURES_KEPT_MAX && !failures.contains(why)) {
        failures.add(why);
      }
    }
  }

  private static void awaitUntil(long nanos) throws InterruptedException {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted before the end of the schedule");
      }
    }
  }
}
