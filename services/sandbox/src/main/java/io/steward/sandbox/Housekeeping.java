package io.steward.sandbox;

import io.steward.sandbox.call.DiskWatch;
import io.steward.sandbox.call.Sandboxes;
import io.steward.sandbox.call.SilentInstances;
import io.steward.sandbox.call.ToolCalls;
import io.steward.sandbox.journal.Journal;
import io.steward.sandbox.save.Retention;
import io.steward.schemas.progress.SessionProgress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/// What has to happen again and again: measuring disks, looking at outputs, removing idle
/// sandboxes, sending results again, telling how far calls are, forgetting old calls, removing old
/// workspaces. Each has its own thread, because one may take long.
final class Housekeeping implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Housekeeping.class);
  private static final Duration DISK_PAUSE = Duration.ofSeconds(2);
  private static final int DISK_PAUSE_FACTOR = 10;
  private static final Duration PROGRESS_PAUSE = Duration.ofSeconds(1);
  private static final Duration OUTPUTS_PAUSE = Duration.ofSeconds(1);
  private static final Duration IDLE_PAUSE = Duration.ofSeconds(5);
  private static final Duration RESEND_PAUSE = Duration.ofSeconds(15);
  private static final Duration INSTANCES_PAUSE = Duration.ofSeconds(5);
  private static final Duration OLD_PAUSE = Duration.ofHours(1);

  /// Also how exactly the last use of files is known.
  private static final Duration RETENTION_PAUSE = Duration.ofHours(1);

  private final Sandboxes sandboxes;
  private final ToolCalls calls;
  private final Consumer<SessionProgress> progress;
  private final DiskWatch disk;
  private final Journal journal;
  private final SilentInstances instances;
  private final Retention retention;
  private final Duration journalKept;
  private final InstantSource clock;
  private volatile boolean stopping;

  /// @param progress is told how far calls are
  Housekeeping(
      Sandboxes sandboxes,
      ToolCalls calls,
      Consumer<SessionProgress> progress,
      DiskWatch disk,
      Journal journal,
      SilentInstances instances,
      Retention retention,
      Duration journalKept,
      InstantSource clock) {
    this.sandboxes = sandboxes;
    this.calls = calls;
    this.progress = progress;
    this.disk = disk;
    this.journal = journal;
    this.instances = instances;
    this.retention = retention;
    this.journalKept = journalKept;
    this.clock = clock;
  }

  void start() {
    every("progress", PROGRESS_PAUSE, () -> calls.progress().tell(progress));
    every("disk-watch", DISK_PAUSE, disk::measure);
    every("outputs", OUTPUTS_PAUSE, sandboxes::lookAtOutputs);
    every("idle-sandboxes", IDLE_PAUSE, sandboxes::removeIdle);
    every("unanswered-calls", RESEND_PAUSE, () -> calls.resend(RESEND_PAUSE));
    every("silent-instances", INSTANCES_PAUSE, instances::round);
    every("old-calls", OLD_PAUSE, this::removeOldCalls);
    every("retention", RETENTION_PAUSE, retention::round);
  }

  private void removeOldCalls() {
    int removed = journal.removeOld(clock.instant().minus(journalKept));
    if (removed > 0) {
      LOG.infof("removed %d old calls from the journal", removed);
    }
  }

  private void every(String name, Duration pause, Runnable work) {
    var _ = Thread.ofVirtual().name(name).start(() -> repeat(name, pause, work));
  }

  private void repeat(String name, Duration pause, Runnable work) {
    while (!stopping) {
      long start = System.nanoTime();
      try {
        work.run();
      } catch (RuntimeException e) {
        LOG.warnf("%s failed, will be tried again: %s", name, e);
      }
      Duration took = Duration.ofNanos(System.nanoTime() - start).multipliedBy(DISK_PAUSE_FACTOR);
      try {
        Thread.sleep(took.compareTo(pause) > 0 ? took : pause);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  @Override
  public void close() {
    stopping = true;
  }
}
