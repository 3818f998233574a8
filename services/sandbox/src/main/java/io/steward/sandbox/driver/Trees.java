package io.steward.sandbox.driver;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Directory trees an agent may have made: names, depth and permissions of any kind, and symlinks
/// that are never followed. `rm` and `du` go through them with descriptors, where paths would not
/// do. An image without programs has no sandboxes of its own, only mirrors of those elsewhere: this
/// process made their files, by paths, and so they can be gone through by paths.
public final class Trees {
  private static final int BLOCK = 4096;

  private Trees() {}

  /// What a tree takes.
  ///
  /// @param bytes on disk
  /// @param files of all kinds, directories too
  public record Usage(long bytes, long files) {}

  /// Removes `path` and all below it, if it is there.
  public static void remove(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (Commands.find("rm").isEmpty()) {
      removeByPaths(path);
      return;
    }
    try {
      Commands.run(List.of("rm", "-rf", "--", path.toString()));
    } catch (IOException e) {
      // An ordinary user cannot look into directories whose mode forbids it, though it owns them.
      Commands.run(List.of("chmod", "-R", "u+rwX", "--", path.toString()));
      Commands.run(List.of("rm", "-rf", "--", path.toString()));
    }
  }

  /// What these directories take. One that is gone is not in it.
  ///
  /// @throws IOException when it cannot be told
  public static Map<Path, Usage> usage(Collection<Path> directories) throws IOException {
    Map<Path, Usage> usages = new HashMap<>();
    if (directories.isEmpty()) {
      return usages;
    }
    if (Commands.find("du").isEmpty()) {
      for (Path directory : directories) {
        Usage usage = usageByPaths(directory);
        if (usage.files() > 0) {
          usages.put(directory, usage);
        }
      }
      return usages;
    }
    Map<Path, Long> bytes = du(directories, "--block-size=1");
    Map<Path, Long> files = du(directories, "--inodes");
    for (Path directory : directories) {
      Long bytesHere = bytes.get(directory);
      Long filesHere = files.get(directory);
      if (bytesHere != null && filesHere != null) {
        usages.put(directory, new Usage(bytesHere, filesHere));
      }
    }
    return usages;
  }

  private static Map<Path, Long> du(Collection<Path> directories, String what) throws IOException {
    List<String> command = new ArrayList<>(List.of("nice", "-n", "10", "du", "-s", what, "--"));
    directories.forEach(directory -> command.add(directory.toString()));
    Map<Path, Long> totals = new HashMap<>();
    // Files that vanish meanwhile make it end with an error; the totals are there all the same.
    Commands.output(command)
        .text()
        .lines()
        .forEach(line -> {
          int tab = line.indexOf('\t');
          totals.put(Path.of(line.substring(tab + 1)), Long.parseLong(line.substring(0, tab)));
        });
    return totals;
  }

  static void removeByPaths(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof AccessDeniedException && !file.equals(path)) {
              removeByPaths(file);
            } else if (!(e instanceof NoSuchFileException)) {
              throw e;
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /// Files are counted in whole blocks. What cannot be looked at is one file.
  static Usage usageByPaths(Path directory) throws IOException {
    long[] blocksAndFiles = new long[2];
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            return visitFile(path, attributes);
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
            blocksAndFiles[0] += Math.ceilDiv(attributes.size(), BLOCK);
            blocksAndFiles[1]++;
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path path, IOException e) {
            blocksAndFiles[1] += e instanceof NoSuchFileException ? 0 : 1;
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path path, @Nullable IOException e) {
            return FileVisitResult.CONTINUE;
          }
        });
    return new Usage(blocksAndFiles[0] * BLOCK, blocksAndFiles[1]);
  }
}
