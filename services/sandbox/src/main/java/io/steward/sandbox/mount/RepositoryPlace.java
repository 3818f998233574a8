package io.steward.sandbox.mount;

import io.steward.sandbox.driver.Commands;
import io.steward.sandbox.driver.FileNames;
import io.steward.sandbox.driver.PinnedPath;
import io.steward.sandbox.driver.SessionDirectory;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/// Gives the agent a directory tree in its workspace, where the agent may be at work: it may make,
/// move or replace what is on the way, also by symlinks, at any moment. So nothing is made there.
/// The tree and the directories it needs are made elsewhere, get the agent as their owner, and are
/// moved with one rename into a directory that is held by its descriptor. A rename replaces an
/// empty directory and nothing else.
final class RepositoryPlace {
  private static final int TRIES_MAX = 3;

  private final SessionDirectory session;
  private final Path staging;

  /// @param staging on the same file system, not shown to the inside
  RepositoryPlace(SessionDirectory session, Path staging) {
    this.session = session;
    this.staging = staging;
  }

  /// Moves `tree` to `path`.
  ///
  /// @return false when the agent has something there; it stays
  boolean move(Path tree, MountPath path) throws IOException {
    own(tree);
    for (int tries = 1; ; tries++) {
      try (Parent parent = parent(path)) {
        List<String> missing = path.names().subList(parent.depth(), path.names().size());
        Path target = FileNames.below(parent.directory().path(), missing.getFirst());
        if (isTaken(target, missing.size() == 1)) {
          return false;
        }
        MountPath nesting = new MountPath(missing);
        Path nest = Files.createDirectory(staging.resolve("nest-" + tries));
        nest(tree, nesting, nest);
        try {
          Files.move(
              FileNames.below(nest, missing.getFirst()), target, StandardCopyOption.ATOMIC_MOVE);
          return true;
        } catch (FileSystemException e) {
          if (tries == TRIES_MAX) {
            throw e;
          }
          Files.move(nesting.in(nest), tree, StandardCopyOption.ATOMIC_MOVE);
        }
      }
    }
  }

  /// The deepest directory on the way that exists.
  ///
  /// @param depth how many names of the path lead to it
  private record Parent(PinnedPath directory, int depth) implements AutoCloseable {
    @Override
    public void close() {
      directory.close();
    }
  }

  private Parent parent(MountPath path) throws IOException {
    PinnedPath directory =
        PinnedPath.open(session.path(), session.workspace())
            .filter(PinnedPath::isDirectory)
            .orElseThrow(() -> new IOException("the workspace is not there"));
    int depth = 0;
    while (depth < path.names().size() - 1) {
      var next = directory.open(FileNames.below(Path.of(""), path.names().get(depth)));
      if (next.isEmpty()) {
        break;
      }
      if (!next.get().isDirectory()) {
        next.get().close();
        break;
      }
      directory.close();
      directory = next.get();
      depth++;
    }
    return new Parent(directory, depth);
  }

  /// Whether something is in the way. An empty directory is not, where the tree itself goes.
  private static boolean isTaken(Path target, boolean last) throws IOException {
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    if (!last || !Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      return true;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(target)) {
      return entries.iterator().hasNext();
    }
  }

  /// Puts `tree` into `nest`, below directories named as `nesting` says.
  private void nest(Path tree, MountPath nesting, Path nest) throws IOException {
    Path directory = nest;
    for (String name : nesting.names().subList(0, nesting.names().size() - 1)) {
      directory = Files.createDirectory(FileNames.below(directory, name));
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
      own(directory);
    }
    Files.move(tree, nesting.in(nest), StandardCopyOption.ATOMIC_MOVE);
  }

  /// Gives `tree` to who owns the workspace.
  private void own(Path tree) throws IOException {
    Object user = owner(session.workspace(), "unix:uid");
    if (!user.equals(owner(tree, "unix:uid"))) {
      String both = user + ":" + owner(session.workspace(), "unix:gid");
      Commands.run(List.of("chown", "-hR", both, "--", tree.toString()));
    }
  }

  private static Object owner(Path path, String attribute) throws IOException {
    return Files.getAttribute(path, attribute, LinkOption.NOFOLLOW_LINKS);
  }
}
