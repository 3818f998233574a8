package io.steward.e2e.fault;

import io.steward.e2e.fault.check.Hit;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Processes;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.Steward;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Hits the processes of one Steward. When devbox itself is killed, it is started again on the same
/// data directory and ports.
final class Saboteur {
  private static final Duration BACK_WITHIN = Duration.ofSeconds(60);

  private volatile Stage stage;

  Saboteur(Stage stage) {
    this.stage = stage;
  }

  /// The stage, with the Steward that runs now.
  Stage stage() {
    return stage;
  }

  /// What was done.
  ///
  /// @param endNanos when the process was free to come back, as [System#nanoTime()]
  record Done(Hit hit, long endNanos) {}

  /// Hits a process and answers when it could come back.
  ///
  /// @param begun runs as soon as the process is away
  Done strike(Victim victim, Blow blow, Runnable begun) throws Exception {
    long pid = pid(victim);
    Instant from = Instant.now();
    return switch (blow) {
      case KILL -> {
        Processes.kill(pid);
        long killedNanos = System.nanoTime();
        begun.run();
        if (victim == Victim.DEVBOX) {
          yield restart(victim, from);
        }
        yield new Done(replaced(victim, pid, from), killedNanos);
      }
      case PAUSE -> {
        List<Long> stopped = processes(victim, pid);
        signal("STOP", stopped);
        begun.run();
        LockSupport.parkNanos(Blow.PAUSE_LENGTH.toNanos());
        signal("CONT", stopped);
        long endNanos = System.nanoTime();
        yield new Done(new Hit(victim.wireName(), false, from, Instant.now()), endNanos);
      }
    };
  }

  /// Has a process end in good order (SIGTERM) and answers when another one took its place.
  ///
  /// @param begun runs as soon as the process was told
  Hit replace(Victim victim, Runnable begun) throws Exception {
    long pid = pid(victim);
    Instant from = Instant.now();
    signal("TERM", List.of(pid));
    begun.run();
    return replaced(victim, pid, from);
  }

  private Hit replaced(Victim victim, long pid, Instant from) throws Exception {
    Steward steward = stage.steward();
    Patience.until(BACK_WITHIN, () -> victim + " is dead", () -> !Processes.isRunning(pid));
    Instant dead = Instant.now();
    Patience.until(
        BACK_WITHIN,
        () -> victim + " is back" + steward.logTail(),
        () -> steward.hasRestarted(victim.wireName(), pid));
    return new Hit(victim.wireName(), victim.endsCalls(), from, dead);
  }

  /// Waits until everything is ready again.
  void awaitReady() throws Exception {
    Steward steward = stage.steward();
    Patience.until(
        BACK_WITHIN, () -> "Steward is ready again" + steward.logTail(), steward::isReady);
  }

  /// Kills everything and starts it again.
  void restart() throws Exception {
    stage.steward().kill();
    stage.leave();
    stage = stage.restarted();
  }

  private Done restart(Victim victim, Instant from) throws Exception {
    stage.steward().kill();
    Instant dead = Instant.now();
    stage.leave();
    long launchedNanos = System.nanoTime();
    stage = stage.restarted();
    return new Done(new Hit(victim.wireName(), true, from, dead), launchedNanos);
  }

  /// The process id; a process that was hit just before may be about to come back.
  private long pid(Victim victim) throws Exception {
    long[] found = {0};
    Patience.until(
        BACK_WITHIN,
        () -> victim + " runs" + stage.steward().logTail(),
        () -> {
          try {
            found[0] = stage.steward().pid(victim.wireName());
            return Processes.isRunning(found[0]);
          } catch (NoSuchFileException e) {
            return false;
          }
        });
    return found[0];
  }

  /// The victim with the processes that are a part of it: PostgreSQL is many.
  private static List<Long> processes(Victim victim, long pid) {
    List<Long> all = new ArrayList<>(List.of(pid));
    if (victim == Victim.POSTGRES) {
      ProcessHandle.of(pid)
          .ifPresent(postmaster -> postmaster.descendants().forEach(child -> all.add(child.pid())));
    }
    return all;
  }

  private static void signal(String signal, List<Long> pids) throws Exception {
    List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
    pids.forEach(pid -> command.add(Long.toString(pid)));
    // A process of PostgreSQL that has ended meanwhile makes the command fail; that is no matter.
    var _ = new ProcessBuilder(command).start().waitFor(5, TimeUnit.SECONDS);
  }
}
