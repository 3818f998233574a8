package io.steward.sandbox.output;

import io.steward.sandbox.driver.FileNames;
import io.steward.sandbox.driver.PinnedPath;
import io.steward.sandbox.driver.SessionDirectory;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The outputs directory of a session as one look sees it. What changes meanwhile may be seen or
/// not, but nothing outside ever is.
final class OutputTree {
  private final List<Found> found = new ArrayList<>();
  private final Set<String> troubles = new LinkedHashSet<>();
  private int entries;

  /// A regular file.
  ///
  /// @param names lead to it from the outputs directory
  /// @param path the same as text
  record Found(List<Path> names, String path, FileStamp stamp) {}

  private OutputTree() {}

  /// Looks at everything.
  static OutputTree of(SessionDirectory session) {
    OutputTree tree = new OutputTree();
    PinnedPath.open(session.path(), session.outputs())
        .ifPresent(root -> tree.scan(root, List.of(), ""));
    tree.found.sort(Comparator.comparingLong(file -> file.stamp().sizeBytes()));
    return tree;
  }

  /// Regular files, the small ones first.
  List<Found> files() {
    return found;
  }

  /// What was left out, in sentences for the log.
  Set<String> troubles() {
    return troubles;
  }

  /// Opens a file that was found, or what has its name now.
  static Optional<PinnedPath> open(SessionDirectory session, Found file) {
    Optional<PinnedPath> current = PinnedPath.open(session.path(), session.outputs());
    for (Path name : file.names()) {
      if (current.isEmpty()) {
        return current;
      }
      try (PinnedPath directory = current.get()) {
        current = directory.open(name);
      }
    }
    return current;
  }

  private void scan(PinnedPath pinned, List<Path> names, String path) {
    try (PinnedPath directory = pinned) {
      if (!directory.isDirectory()) {
        return;
      }
      if (names.size() > OutputLimits.DEPTH_MAX) {
        troubles.add("directories deeper than " + OutputLimits.DEPTH_MAX + " are not published");
        return;
      }
      try (DirectoryStream<Path> all = Files.newDirectoryStream(directory.path())) {
        for (Path entry : all) {
          if (++entries > OutputLimits.ENTRIES_MAX) {
            troubles.add(
                "only " + OutputLimits.ENTRIES_MAX + " files and directories are looked at");
            return;
          }
          visit(directory, entry, names, path);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      troubles.add("a directory could not be read");
    }
  }

  private void visit(PinnedPath directory, Path entry, List<Path> above, String pathAbove) {
    FileStamp.Seen seen;
    try {
      seen = FileStamp.look(entry, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      return; // It is gone.
    }
    if (!seen.directory() && seen.stamp().isEmpty()) {
      return; // A symlink, or something that is not for reading.
    }
    Path name = entry.getFileName();
    Optional<String> text = FileNames.text(name);
    if (text.isEmpty()) {
      troubles.add("names that are not UTF-8 or hold control characters are not published");
      return;
    }
    List<Path> names = new ArrayList<>(above);
    names.add(name);
    String path = pathAbove.isEmpty() ? text.get() : pathAbove + "/" + text.get();
    seen.stamp().ifPresent(stamp -> found.add(new Found(List.copyOf(names), path, stamp)));
    if (seen.directory()) {
      directory.open(name).ifPresent(child -> scan(child, List.copyOf(names), path));
    }
  }
}
