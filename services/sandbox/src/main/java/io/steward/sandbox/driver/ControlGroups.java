package io.steward.sandbox.driver;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Makes one control group per sandbox below the service's own, where this process may: version 1
/// (a directory per controller) and version 2 (one directory). Where it may not, sandboxes have
/// resource limits only.
public final class ControlGroups {
  private static final Logger LOG = Logger.getLogger(ControlGroups.class);
  private static final String PREFIX = "steward-";
  private static final String PROCESSES = "cgroup.procs";

  /// How the kernel calls the process that writes.
  private static final String THIS_PROCESS = "0";

  private static final long REMOVE_PAUSE_NANOS = 20_000_000;
  private static final int REMOVE_TRIES_AT_ONCE = 10;
  private static final int REMOVE_TRIES_MAX = 100;

  /// After this time a sandbox has joined its group.
  private static final Duration JOINED_MAX = Duration.ofMinutes(2);

  private final List<Parent> parents;

  /// A directory in which groups are made, and the controllers that count there.
  ///
  /// @param own the group of this process in the same hierarchy
  /// @param memory whether the memory controller does
  /// @param processes whether the pids controller does
  /// @param unified version 2
  record Parent(Path directory, Path own, boolean memory, boolean processes, boolean unified) {}

  ControlGroups(List<Parent> parents) {
    this.parents = List.copyOf(parents);
  }

  /// No groups: resource limits must do.
  public static ControlGroups none() {
    return new ControlGroups(List.of());
  }

  /// The groups this process may use, after a try. Removes empty ones that an earlier instance
  /// left.
  public static ControlGroups detect() {
    try {
      List<Parent> usable =
          CgroupLayout.read(
                  Files.readAllLines(Path.of("/proc/self/cgroup")),
                  Files.readAllLines(Path.of("/proc/self/mountinfo")))
              .stream()
              .map(ControlGroups::usable)
              .flatMap(Optional::stream)
              .toList();
      usable.forEach(ControlGroups::sweep);
      return new ControlGroups(usable);
    } catch (IOException e) {
      LOG.debug("control groups cannot be read", e);
      return none();
    }
  }

  /// Whether sandboxes get a limit on the memory of all their processes together.
  public boolean limitsMemory() {
    return parents.stream().anyMatch(Parent::memory);
  }

  /// Groups of sandboxes that are there now, of other services that share the parent, too.
  ///
  /// @throws IOException when a parent cannot be listed
  public List<Path> left() throws IOException {
    List<Path> left = new ArrayList<>();
    for (Parent parent : parents) {
      try (Stream<Path> groups = Files.list(parent.directory())) {
        groups.filter(ControlGroups::isOfSandbox).forEach(left::add);
      }
    }
    return left;
  }

  /// The groups of a new sandbox, which is about to join them. A group that cannot be made is left
  /// out.
  public Group create(String name, SandboxLimits limits) {
    List<Path> made = new ArrayList<>();
    boolean memory = false;
    for (Parent parent : parents) {
      Path directory = parent.directory().resolve(PREFIX + name);
      try {
        Files.createDirectory(directory);
        made.add(directory);
        configure(parent, directory, limits);
        memory |= parent.memory();
      } catch (IOException e) {
        LOG.warnf("control group for %s could not be made: %s", name, e);
      }
    }
    parents.stream().findFirst().ifPresent(ControlGroups::expectProcess);
    return new Group(List.copyOf(made), memory);
  }

  /// A process joins a group once the kernel has waited for a grace period, 5 to 20 ms. Who joins
  /// in the 20 ms after that does not wait, so it is done beforehand for nothing: with this
  /// process, which is where it is put. Does not wait itself.
  private static void expectProcess(Parent parent) {
    Path file = parent.own().resolve(PROCESSES);
    var _ =
        Thread.ofPlatform()
            .name("expect-process")
            .daemon()
            .start(() -> {
              try {
                Files.writeString(file, THIS_PROCESS);
              } catch (IOException e) {
                LOG.debugf("who joins a group will wait: %s", e);
              }
            });
  }

  private static void configure(Parent parent, Path directory, SandboxLimits limits)
      throws IOException {
    String bytes = Long.toString(limits.memoryBytesMax());
    if (parent.memory() && parent.unified()) {
      Files.writeString(directory.resolve("memory.max"), bytes);
      writeIfThere(directory.resolve("memory.swap.max"), "0");
    } else if (parent.memory()) {
      Files.writeString(directory.resolve("memory.limit_in_bytes"), bytes);
      writeIfThere(directory.resolve("memory.memsw.limit_in_bytes"), bytes);
    }
    if (parent.processes()) {
      Files.writeString(directory.resolve("pids.max"), Integer.toString(limits.processesMax()));
    }
  }

  private static void writeIfThere(Path file, String value) {
    try {
      if (Files.exists(file)) {
        Files.writeString(file, value);
      }
    } catch (IOException e) {
      LOG.debugf("%s was not set: %s", file, e);
    }
  }

  /// The parent with what really counts in a group made there, or empty when none can be made.
  private static Optional<Parent> usable(Parent parent) {
    Path trial = parent.directory().resolve(PREFIX + "trial-" + ProcessHandle.current().pid());
    try {
      if (parent.unified()) {
        writeIfThere(parent.directory().resolve("cgroup.subtree_control"), "+memory +pids");
      }
      Files.createDirectory(trial);
      try {
        boolean memory =
            parent.memory()
                && Files.exists(
                    trial.resolve(parent.unified() ? "memory.max" : "memory.limit_in_bytes"));
        boolean processes = parent.processes() && Files.exists(trial.resolve("pids.max"));
        return memory || processes
            ? Optional.of(
                new Parent(parent.directory(), parent.own(), memory, processes, parent.unified()))
            : Optional.empty();
      } finally {
        Files.deleteIfExists(trial);
      }
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static void sweep(Parent parent) {
    try (Stream<Path> groups = Files.list(parent.directory())) {
      groups
          .filter(ControlGroups::isOfSandbox)
          .filter(ControlGroups::isOld)
          .forEach(ControlGroups::removeIfEmpty);
    } catch (IOException e) {
      LOG.debugf("%s cannot be listed: %s", parent.directory(), e);
    }
  }

  private static boolean isOfSandbox(Path group) {
    return group.getFileName().toString().startsWith(PREFIX + "sbx_");
  }

  /// Whether the sandbox of a group had time to join it. Younger ones may belong to another
  /// instance that is about to start one.
  private static boolean isOld(Path group) {
    try {
      return Files.getLastModifiedTime(group).toInstant().isBefore(Instant.now().minus(JOINED_MAX));
    } catch (IOException e) {
      return false; // It is gone.
    }
  }

  private static boolean removeIfEmpty(Path group) {
    try {
      Files.delete(group);
      return true;
    } catch (NoSuchFileException e) {
      return true;
    } catch (DirectoryNotEmptyException e) {
      return false;
    } catch (IOException e) {
      return false; // EBUSY: processes are still in it.
    }
  }

  /// The control groups of one sandbox.
  ///
  /// @param directories may be empty
  /// @param limitsMemory whether one of them limits memory
  public record Group(List<Path> directories, boolean limitsMemory) {
    /// Where a process writes its id to join.
    public List<Path> procsFiles() {
      return directories.stream().map(path -> path.resolve(PROCESSES)).toList();
    }

    /// Removes the groups as soon as their last process is gone: mostly at once, else beside the
    /// caller.
    public void remove() {
      if (!removeWithin(REMOVE_TRIES_AT_ONCE)) {
        Thread.ofVirtual().start(() -> removeWithin(REMOVE_TRIES_MAX));
      }
    }

    private boolean removeWithin(int triesMax) {
      boolean removed = removeAll();
      for (int tries = 1; tries < triesMax && !removed; tries++) {
        LockSupport.parkNanos(REMOVE_PAUSE_NANOS);
        removed = removeAll();
      }
      return removed;
    }

    private boolean removeAll() {
      return directories.stream().filter(directory -> !removeIfEmpty(directory)).count() == 0;
    }
  }
}
