package io.steward.sandbox.mount;

import io.steward.sandbox.driver.FileNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The directory of read-only files. Only the service writes there, so its paths can be trusted.
final class UploadFiles {
  private static final int CHUNK_BYTES = 64 * 1024;

  private final Path uploads;
  private final Path staging;

  /// @param uploads shown to the inside
  /// @param staging on the same file system, not shown to the inside
  UploadFiles(Path uploads, Path staging) {
    this.uploads = uploads;
    this.staging = staging;
  }

  boolean isEmpty() throws IOException {
    return isEmpty(uploads);
  }

  /// Removes every file that is not one of `wanted`, and directories that hold none.
  void removeOthers(Map<MountPath, ?> wanted) throws IOException {
    Set<Path> kept = new HashSet<>();
    wanted.keySet().forEach(path -> kept.add(path.in(uploads)));
    Files.walkFileTree(
        uploads,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!kept.contains(file) || !attributes.isRegularFile()) {
              Files.delete(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            if (!directory.equals(uploads) && isEmpty(directory)) {
              Files.delete(directory);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      return !entries.iterator().hasNext();
    }
  }

  boolean isThere(MountPath path) {
    return Files.isRegularFile(path.in(uploads), LinkOption.NOFOLLOW_LINKS);
  }

  /// Makes what `in` holds the file at `path`, at once, in place of what was there.
  void place(MountPath path, InputStream in, BooleanSupplier canceled) throws IOException {
    Path fresh = staging.resolve("file");
    try (OutputStream out = Files.newOutputStream(fresh)) {
      byte[] chunk = new byte[CHUNK_BYTES];
      for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
        if (canceled.getAsBoolean()) {
          throw new UnmountableException("the call was canceled");
        }
        out.write(chunk, 0, length);
      }
    }
    mode(fresh, "r--r--r--");
    Path target = path.in(uploads);
    makeParents(path);
    Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
  }

  private void makeParents(MountPath path) throws IOException {
    Path directory = uploads;
    for (String name : path.names().subList(0, path.names().size() - 1)) {
      directory = FileNames.below(directory, name);
      if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(directory);
        mode(directory, "rwxr-xr-x");
      }
    }
  }

  private static void mode(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }
}
