package io.steward.sandbox.driver.remote;

import io.steward.sandbox.driver.FileNames;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// Files of the directories of a session on this machine, by the paths the inside has for them. No
/// sandbox writes here; symlinks are never followed.
final class LocalFiles {
  private final Map<String, Path> roots;

  /// @param roots by what the inside calls them
  LocalFiles(Map<String, Path> roots) {
    this.roots = roots;
  }

  NavigableMap<String, RemoteFile> list() throws IOException {
    NavigableMap<String, RemoteFile> files = new TreeMap<>();
    for (Map.Entry<String, Path> root : roots.entrySet()) {
      Files.walkFileTree(root.getValue(), new Listing(root.getKey(), root.getValue(), files));
    }
    return files;
  }

  private static final class Listing extends SimpleFileVisitor<Path> {
    private final String inside;
    private final Path root;
    private final Map<String, RemoteFile> files;

    Listing(String inside, Path root, Map<String, RemoteFile> files) {
      this.inside = inside;
      this.root = root;
      this.files = files;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
        throws IOException {
      if (!directory.equals(root)) {
        add(directory);
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      add(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
      if (e instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw e;
    }

    private void add(Path path) throws IOException {
      RemoteFile file = look(path);
      if ("fdl".indexOf(file.type()) >= 0) {
        files.put(inside + "/" + FileNames.raw(root.relativize(path)), file);
      }
    }
  }

  RemoteFile look(String inside) throws IOException {
    return look(locate(inside));
  }

  private static RemoteFile look(Path path) throws IOException {
    PosixFileAttributes attributes =
        Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    boolean link = attributes.isSymbolicLink();
    return RemoteFile.of(
        link ? 'l' : attributes.isDirectory() ? 'd' : attributes.isRegularFile() ? 'f' : '?',
        (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777,
        attributes.size(),
        attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS),
        "",
        link ? FileNames.raw(Files.readSymbolicLink(path)) : "");
  }

  /// Where a path of the inside is here.
  ///
  /// @throws IOException when it is nowhere
  Path locate(String inside) throws IOException {
    for (Map.Entry<String, Path> root : roots.entrySet()) {
      if (inside.startsWith(root.getKey() + "/")) {
        try {
          return FileNames.belowRaw(root.getValue(), inside.substring(root.getKey().length() + 1));
        } catch (IllegalArgumentException e) {
          throw new IOException("not a path of files: " + inside, e);
        }
      }
    }
    throw new IOException("not a path of a session: " + inside);
  }

  /// Removes a file, a symlink or an empty directory, if it is there.
  void remove(String inside) throws IOException {
    Files.deleteIfExists(locate(inside));
  }

  /// Makes a directory or symlink where nothing else is.
  void make(String inside, RemoteFile file) throws IOException {
    Path path = locate(inside);
    if (file.isDirectory()) {
      if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(path);
      }
      setMode(path, file);
    } else {
      Files.deleteIfExists(path);
      Files.createSymbolicLink(path, FileNames.link(file.target()));
    }
  }

  /// Puts `content` in place, with the mode and time of `file`.
  void replace(String inside, Path content, RemoteFile file) throws IOException {
    setMode(content, file);
    Files.setLastModifiedTime(content, FileTime.from(file.mtimeNanos(), TimeUnit.NANOSECONDS));
    Files.move(content, locate(inside), StandardCopyOption.ATOMIC_MOVE);
  }

  void setMode(String inside, RemoteFile file) throws IOException {
    setMode(locate(inside), file);
  }

  /// The owner can always read here, else nobody could save it.
  private static void setMode(Path path, RemoteFile file) throws IOException {
    int mode = file.mode() & 0777 | (file.isDirectory() ? 0700 : 0400);
    Files.setAttribute(path, "unix:mode", mode, LinkOption.NOFOLLOW_LINKS);
  }
}
