package io.steward.devbox.supervise;

import io.steward.devbox.settings.StartRefused;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// All children of one instance.
public final class Family {
  private static final Duration PATIENCE_WITH_LEFTOVERS = Duration.ofSeconds(2);

  private final Path directory;
  private final Launch launch;
  private final PrintStream console;
  private final Map.Entry<String, String> mark;
  private final Watchdog watchdog;
  private final List<Supervised> members = new ArrayList<>();
  private boolean stopping;

  private Family(
      Path directory,
      Launch launch,
      PrintStream console,
      Map.Entry<String, String> mark,
      Watchdog watchdog) {
    this.directory = directory;
    this.launch = launch;
    this.console = console;
    this.mark = mark;
    this.watchdog = watchdog;
  }

  /// A family without members, after what an earlier one left behind on `directory` was ended.
  ///
  /// @throws StartRefused when something of it does not end
  public static Family found(Path directory, Launch launch, PrintStream console)
      throws IOException, InterruptedException, StartRefused {
    if (!leftovers(directory).end(PATIENCE_WITH_LEFTOVERS)) {
      throw new StartRefused(
          "Processes of an earlier instance on " + directory + " do not end; end them by hand.");
    }
    Map.Entry<String, String> mark =
        Watchdog.mark(directory.toString(), ProcessHandle.current().pid());
    Watchdog watchdog = Watchdog.start(mark.getKey() + "=" + mark.getValue(), launch);
    return new Family(directory, launch, console, mark, watchdog);
  }

  private static Leftovers leftovers(Path directory) {
    return new Leftovers(directory, "STEWARD_INSTANCE=" + directory + "#");
  }

  /// The variable that every child must have in its environment.
  public Map.Entry<String, String> mark() {
    return mark;
  }

  /// Starts `program` and keeps it running.
  ///
  /// @throws InterruptedException when the family is being stopped
  public synchronized Supervised add(Program program) throws InterruptedException {
    if (stopping) {
      throw new InterruptedException("stopping");
    }
    Supervised child = Supervised.start(program, launch, watchdog, directory, console);
    members.add(child);
    return child;
  }

  public synchronized List<Supervised> members() {
    return List.copyOf(members);
  }

  /// Whether the member `name` has a process.
  public boolean isRunning(String name) {
    return members().stream()
        .anyMatch(child -> child.name().equals(name) && child.pid().isPresent());
  }

  /// Stops all members, group by group. The first group has `firstMax`, every other one `laterMax`;
  /// who is not done by then is killed. At the end no process that carries the mark is left.
  ///
  /// @param order names, in groups that are stopped together; who is in none comes last
  public void stop(List<List<String>> order, Duration firstMax, Duration laterMax) {
    List<Supervised> all;
    synchronized (this) {
      stopping = true;
      all = List.copyOf(members);
    }
    List<List<String>> groups = new ArrayList<>(order);
    groups.add(
        all.stream()
            .map(Supervised::name)
            .filter(name -> order.stream().noneMatch(group -> group.contains(name)))
            .toList());
    try {
      Duration max = firstMax;
      for (List<String> group : groups) {
        stopGroup(all.stream().filter(child -> group.contains(child.name())).toList(), max);
        max = laterMax;
      }
      var _ = leftovers(directory).end(Duration.ZERO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      watchdog.close();
    }
  }

  private static void stopGroup(List<Supervised> group, Duration max) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + max.toNanos();
    group.forEach(Supervised::stop);
    for (Supervised child : group) {
      child.awaitEnd(deadlineNanos);
    }
  }
}
