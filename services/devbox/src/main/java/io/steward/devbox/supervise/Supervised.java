package io.steward.devbox.supervise;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One child that is kept running until [#stop]: when it ends it is started again, after a pause
/// that doubles from 0.1 s to 5 s while it does not live for 30 s. `run/<name>.pid` holds the
/// process id of the program itself.
public final class Supervised {
  private static final Duration PAUSE_MIN = Duration.ofMillis(100);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(5);
  private static final Duration LIVED_WELL = Duration.ofSeconds(30);

  private final Program program;
  private final Launch launch;
  private final Watchdog watchdog;
  private final Path pidFile;
  private final LogFile log;
  private final PrintStream console;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread thread;
  private @Nullable Process process;
  private boolean stopping;
  private int ends;

  private Supervised(
      Program program, Launch launch, Watchdog watchdog, Path directory, PrintStream console) {
    this.program = program;
    this.launch = launch;
    this.watchdog = watchdog;
    this.pidFile = directory.resolve("run").resolve(program.name() + ".pid");
    this.log = new LogFile(directory.resolve("logs").resolve(program.name() + ".log"));
    this.console = console;
    this.thread = Thread.ofPlatform().name("child-" + program.name()).unstarted(this::run);
  }

  /// Starts `program` and keeps it running.
  ///
  /// @param directory holds `run` and `logs`
  public static Supervised start(
      Program program, Launch launch, Watchdog watchdog, Path directory, PrintStream console) {
    var supervised = new Supervised(program, launch, watchdog, directory, console);
    supervised.thread.start();
    return supervised;
  }

  public String name() {
    return program.name();
  }

  /// How often it has ended by itself.
  public int ends() {
    lock.lock();
    try {
      return ends;
    } finally {
      lock.unlock();
    }
  }

  /// Its process id, while there is a process.
  public OptionalLong pid() {
    return current().filter(Process::isAlive).stream().mapToLong(Process::pid).findFirst();
  }

  /// The end of its log, for a message to a person.
  public String lastWords() {
    return log.tail(12);
  }

  public Path logFile() {
    return log.path();
  }

  /// Asks it to end and never starts it again. Does not wait.
  public void stop() {
    lock.lock();
    try {
      stopping = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    current().filter(Process::isAlive).ifPresent(this::askToEnd);
  }

  /// Waits until it has ended, at most until `deadlineNanos` of [System#nanoTime]; then kills it.
  public void awaitEnd(long deadlineNanos) throws InterruptedException {
    Optional<Process> last = current();
    if (last.isPresent()
        && !last.get()
            .waitFor(Math.max(1, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS)) {
      var _ = last.get().destroyForcibly().waitFor(2, TimeUnit.SECONDS);
    }
    thread.join(Duration.ofSeconds(1));
  }

  private Optional<Process> current() {
    lock.lock();
    try {
      return Optional.ofNullable(process);
    } finally {
      lock.unlock();
    }
  }

  private void askToEnd(Process running) {
    if (program.stop() == Program.StopSignal.TERM) {
      running.destroy();
    } else {
      Signals.send(program.stop().signal, running.pid());
    }
  }

  private void run() {
    Duration pause = PAUSE_MIN;
    try {
      while (true) {
        long startNanos = System.nanoTime();
        Process running = launchUnlessStopping();
        if (running == null) {
          return;
        }
        String how = end(running);
        Files.deleteIfExists(pidFile);
        boolean livedWell = System.nanoTime() - startNanos > LIVED_WELL.toNanos();
        pause = livedWell ? PAUSE_MIN : pause;
        if (!pauseUnlessStopping(pause, how)) {
          return;
        }
        pause = pause.multipliedBy(2).compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : pause.multipliedBy(2);
      }
    } catch (IOException e) {
      console.println(program.name() + " cannot be supervised any more: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Waits for the end, which may be a failure to begin, and says how it was.
  private String end(Process running) throws InterruptedException {
    int exit = running.waitFor();
    watchdog.forget(running.pid());
    return "ended with exit code " + exit;
  }

  private @Nullable Process launchUnlessStopping() throws IOException {
    lock.lock();
    try {
      if (stopping) {
        return null;
      }
      ProcessBuilder builder = new ProcessBuilder(launch.command(program));
      builder.directory(program.directory().toFile());
      builder.environment().clear();
      builder.environment().putAll(program.environment());
      builder.redirectErrorStream(true);
      builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.rotated().toFile()));
      Process started = builder.start();
      watchdog.remember(started.pid(), program.stop().onParentDeath);
      process = started;
      writePid(started.pid());
      return started;
    } finally {
      lock.unlock();
    }
  }

  private void writePid(long pid) throws IOException {
    Path temporary = pidFile.resolveSibling("." + program.name() + ".pid");
    Files.writeString(temporary, pid + "\n", StandardCharsets.US_ASCII);
    Files.move(temporary, pidFile, StandardCopyOption.ATOMIC_MOVE);
  }

  /// False when it is to stop instead of starting again.
  private boolean pauseUnlessStopping(Duration pause, String how) throws InterruptedException {
    lock.lock();
    try {
      if (stopping) {
        return false;
      }
      ends++;
      console.printf(
          "%s %s and is started again in %.1f s (log: %s)%n",
          program.name(), how, pause.toMillis() / 1000.0, log.path());
      long nanos = pause.toNanos();
      while (!stopping && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      return !stopping;
    } finally {
      lock.unlock();
    }
  }
}
