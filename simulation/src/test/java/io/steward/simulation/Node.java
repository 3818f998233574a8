package io.steward.simulation;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/// A process in the simulation: what runs in it ends with it, and its clock is its own.
final class Node implements InstantSource {
  private final Schedule schedule;
  private final String name;
  private boolean alive = true;
  private boolean paused;
  private long moves;
  private Duration skew = Duration.ZERO;

  Node(Schedule schedule, String name) {
    this.schedule = schedule;
    this.name = name;
  }

  String name() {
    return name;
  }

  boolean isAlive() {
    return alive;
  }

  /// Whether its fibers may go on.
  boolean runs() {
    return alive && !paused;
  }

  void kill() {
    alive = false;
    schedule.forget(this);
  }

  /// Stops it as SIGSTOP does, until it is continued.
  void pause(boolean stopped) {
    paused = stopped;
  }

  boolean isPaused() {
    return paused;
  }

  /// Sets its clock `off` from the true time, which may mean back.
  void skew(Duration off) {
    skew = off;
  }

  @Override
  public Instant instant() {
    return schedule.now().plus(skew);
  }

  /// How many of its threads have ended.
  long moves() {
    return moves;
  }

  Fiber spawn(String what, Runnable body) {
    return schedule.spawn(this, what, body);
  }

  /// Threads that are fibers of this process. One that is interrupted never goes on.
  ThreadFactory threads(String what) {
    return body -> new FiberThread(body, what);
  }

  private final class FiberThread extends Thread {
    private final Runnable body;
    private final String what;
    private boolean interrupted;
    private @Nullable Fiber fiber;

    FiberThread(Runnable body, String what) {
      this.body = body;
      this.what = what;
    }

    @Override
    public void start() {
      if (alive && !interrupted) {
        fiber =
            spawn(
                what,
                () -> {
                  body.run();
                  moves++;
                });
      }
    }

    @Override
    public void interrupt() {
      interrupted = true;
      Fiber started = fiber;
      if (started != null) {
        started.cancel();
      }
    }
  }
}
