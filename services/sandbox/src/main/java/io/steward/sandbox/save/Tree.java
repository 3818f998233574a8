package io.steward.sandbox.save;

import io.steward.sandbox.driver.FileNames;
import io.steward.sandbox.driver.PinnedPath;
import io.steward.sandbox.driver.SessionDirectory;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/// What belongs to the agent, as one look sees it. What changes meanwhile may be seen or not, but
/// nothing outside ever is: every directory is held by its descriptor while it is looked at.
final class Tree {
  private final SaveLimits limits;
  private final BooleanSupplier stopped;
  private final TreeMap<String, Stamp> stamps = new TreeMap<>();
  private final Set<String> closed = new HashSet<>();
  private final Set<String> troubles = new LinkedHashSet<>();
  private long bytes;

  private Tree(SaveLimits limits, BooleanSupplier stopped) {
    this.limits = limits;
    this.stopped = stopped;
  }

  /// Looks at everything.
  ///
  /// @throws SaveRefusedException when a limit is passed or `stopped` turns true
  static Tree of(SessionDirectory session, SaveLimits limits, BooleanSupplier stopped)
      throws SaveRefusedException {
    Tree tree = new Tree(limits, stopped);
    for (Path part : session.agentParts()) {
      PinnedPath root =
          PinnedPath.open(session.path(), part)
              .orElseThrow(() -> new SaveRefusedException("a part of its directory is gone"));
      tree.scan(root, FileNames.raw(part.getFileName()), 1);
    }
    return tree;
  }

  /// What there is, by its path below the session's directory, as [FileNames#raw] gives it. A
  /// directory comes before what is in it.
  TreeMap<String, Stamp> stamps() {
    return stamps;
  }

  /// Directories that this user may not look into.
  Set<String> closed() {
    return closed;
  }

  /// What was left out, in sentences for the log.
  Set<String> troubles() {
    return troubles;
  }

  /// Bytes of all files.
  long bytes() {
    return bytes;
  }

  private void scan(PinnedPath pinned, String path, int depth) throws SaveRefusedException {
    try (PinnedPath directory = pinned) {
      if (!directory.isDirectory()) {
        return;
      }
      if (depth > SaveLimits.DEPTH_MAX) {
        troubles.add("directories deeper than " + SaveLimits.DEPTH_MAX + " are not saved");
        return;
      }
      try (DirectoryStream<Path> all = Files.newDirectoryStream(directory.path())) {
        for (Path entry : all) {
          visit(directory, entry, path, depth);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      if (e instanceof SaveRefusedException refused) {
        throw refused;
      }
      closed.add(path);
      troubles.add("a directory could not be read");
    }
  }

  private void visit(PinnedPath directory, Path entry, String above, int depth)
      throws SaveRefusedException {
    if (stopped.getAsBoolean()) {
      throw new SaveRefusedException("it took too long or is not wanted any more");
    }
    Optional<Stamp> seen;
    try {
      seen = Stamp.look(entry, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      return; // It is gone.
    }
    if (seen.isEmpty()) {
      return; // A pipe, socket or device.
    }
    Path name = entry.getFileName();
    String path = above + "/" + FileNames.raw(name);
    if (path.length() > SaveLimits.PATH_BYTES_MAX) {
      troubles.add("paths longer than " + SaveLimits.PATH_BYTES_MAX + " bytes are not saved");
      return;
    }
    add(path, seen.get());
    if (seen.get().isDirectory()) {
      Optional<PinnedPath> child = directory.open(name);
      if (child.isPresent()) {
        scan(child.get(), path, depth + 1);
      } else {
        closed.add(path);
        troubles.add("a directory could not be read");
      }
    }
  }

  private void add(String path, Stamp stamp) throws SaveRefusedException {
    stamps.put(path, stamp);
    bytes += stamp.sizeBytes();
    if (stamps.size() > limits.filesMax()) {
      throw new SaveRefusedException("it has more than " + limits.filesMax() + " files");
    }
    if (bytes > limits.bytesMax()) {
      throw new SaveRefusedException("its files have more than " + limits.bytesMax() + " bytes");
    }
  }

  /// Opens what has this path now, without following a symlink.
  static Optional<PinnedPath> open(SessionDirectory session, String path) {
    Path names = FileNames.belowRaw(Path.of(""), path);
    Optional<PinnedPath> current = PinnedPath.open(session.path(), names.getName(0));
    for (int i = 1; i < names.getNameCount() && current.isPresent(); i++) {
      try (PinnedPath directory = current.get()) {
        current = directory.open(names.getName(i));
      }
    }
    return current;
  }
}
