package io.steward.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Who goes on next, and what time it is. One thread, one seed: the same seed gives the same order,
/// the same time and the same chances.
final class Schedule {
  private static final int TRACE_MAX = 400;
  private static final int TRIES = 6;
  private static final int STEP_MICROS_MAX = 3_000;
  private static final Duration NOTHING_READY = Duration.ofMillis(10);

  private final RandomGenerator random;
  private final List<Fiber> fibers = new ArrayList<>();
  private final Deque<Line> trace = new ArrayDeque<>();
  private Instant now = Instant.parse("2026-11-20T12:00:00Z");
  private @Nullable Fiber current;
  private long steps;
  private long fingerprint;

  Schedule(long seed) {
    random = new SplittableRandom(seed);
  }

  private record Line(long step, Instant time, String who, String what, @Nullable Object detail) {
    @Override
    public String toString() {
      return step + " " + time + " " + who + ": " + what + (detail == null ? "" : " " + detail);
    }
  }

  RandomGenerator random() {
    return random;
  }

  Instant now() {
    return now;
  }

  long steps() {
    return steps;
  }

  /// Differs when two runs differ anywhere.
  long fingerprint() {
    return fingerprint;
  }

  /// Whether something happens that happens once in `times`.
  boolean oneIn(int times) {
    return random.nextInt(times) == 0;
  }

  Fiber spawn(Node node, String name, Runnable body) {
    Fiber fiber = new Fiber(node, name, body);
    fibers.add(fiber);
    return fiber;
  }

  void forget(Node node) {
    fibers.removeIf(fiber -> fiber.node() == node);
  }

  /// Lets one fiber that can go on do so, and time pass.
  void step() {
    steps++;
    now = now.plusNanos(1_000L * random.nextInt(STEP_MICROS_MAX));
    Fiber next = choose();
    if (next == null) {
      now = now.plus(NOTHING_READY);
      return;
    }
    current = next;
    try {
      next.resume();
    } finally {
      current = null;
    }
    if (next.isOver()) {
      fibers.remove(next);
    }
  }

  private @Nullable Fiber choose() {
    fibers.removeIf(Fiber::isOver);
    int size = fibers.size();
    for (int i = 0; i < TRIES && size > 0; i++) {
      Fiber fiber = fibers.get(random.nextInt(size));
      if (goesOn(fiber)) {
        return fiber;
      }
    }
    int from = size == 0 ? 0 : random.nextInt(size);
    for (int i = 0; i < size; i++) {
      Fiber fiber = fibers.get((from + i) % size);
      if (goesOn(fiber)) {
        return fiber;
      }
    }
    return null;
  }

  private boolean goesOn(Fiber fiber) {
    return fiber.node().runs() && !fiber.isStalled(steps) && fiber.isReady();
  }

  /// Stalls one fiber for at most `stepsMax` steps.
  void stall(int stepsMax) {
    if (!fibers.isEmpty()) {
      stall(fibers.get(random.nextInt(fibers.size())), stepsMax);
    }
  }

  /// Stalls the fibers of that name in a process.
  void stall(Node node, String name, int stepsMax) {
    fibers.stream()
        .filter(fiber -> fiber.node() == node && fiber.name().equals(name))
        .forEach(fiber -> stall(fiber, stepsMax));
  }

  private void stall(Fiber fiber, int stepsMax) {
    trace(fiber.node().name(), "stalls in", fiber.name());
    fiber.stall(steps + random.nextInt(stepsMax));
  }

  void endStalls() {
    fibers.forEach(fiber -> fiber.stall(0));
  }

  /// Lets others go on; everything may happen meanwhile, also the end of this process.
  void pause() {
    if (current != null) {
      Fiber.yieldNow();
    }
  }

  /// Goes on once `condition` holds.
  void await(BooleanSupplier condition) {
    if (condition.getAsBoolean()) {
      pause();
      return;
    }
    if (current == null) {
      throw new IllegalStateException("only a fiber can wait");
    }
    current.yieldUntil(condition);
  }

  /// @return whether `condition` holds now, which it may not after `most`
  boolean await(BooleanSupplier condition, Duration most) {
    Instant latest = now.plus(most);
    await(() -> condition.getAsBoolean() || !now.isBefore(latest));
    return condition.getAsBoolean();
  }

  void sleep(Duration time) {
    Instant until = now.plus(time);
    await(() -> !now.isBefore(until));
  }

  /// Remembers what happened, for the report of a violation.
  void trace(String who, String what, @Nullable Object detail) {
    fingerprint = fingerprint * 31 + what.hashCode() + steps;
    if (trace.size() == TRACE_MAX) {
      trace.removeFirst();
    }
    trace.addLast(new Line(steps, now, who, what, detail));
  }

  /// The last `lines` things that happened.
  List<String> lastLines(int lines) {
    return trace.stream().skip(Math.max(0, trace.size() - lines)).map(Line::toString).toList();
  }
}
