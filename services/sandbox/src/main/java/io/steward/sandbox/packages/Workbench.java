package io.steward.sandbox.packages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/// A place where installers run. It is thrown away when they are done, but for the packages.
public interface Workbench {
  /// Part of the name of what was installed here: packages of one kind of place do not fit another.
  String name();

  /// Makes the directories of a new place.
  void layOut(Place place) throws IOException;

  /// Whether what apt packages want to run after they were unpacked can run here.
  boolean runsScripts();

  /// Starts a phase of installing. Whoever started it waits for its end, or ends it, and closes it.
  ///
  /// @param phase a manager's word, or `scripts`
  Running start(Place place, String phase, List<String> items) throws IOException;

  /// The directories of a place on this machine.
  record Place(Path directory) {
    /// What becomes of it all.
    Path packages() {
      return directory.resolve("packages");
    }

    /// Scratch space.
    Path tmp() {
      return directory.resolve("tmp");
    }

    /// What the service tells the inside.
    Path control() {
      return directory.resolve("control");
    }

    /// Whether apt unpacked something, so that there is something to run. It makes a `/var` then.
    boolean hasScripts() {
      return Files.isDirectory(tmp().resolve("var"), LinkOption.NOFOLLOW_LINKS);
    }

    void create() throws IOException {
      for (Path path : List.of(packages(), tmp(), control())) {
        Files.createDirectories(path);
      }
      Files.createDirectories(tmp().resolve("home"));
      Files.write(control().resolve("install"), Installation.script());
    }
  }

  /// A running phase.
  ///
  /// @param afterEnd frees what the workbench took
  record Running(Process process, Runnable afterEnd) implements AutoCloseable {
    @Override
    public void close() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      afterEnd.run();
    }
  }
}
