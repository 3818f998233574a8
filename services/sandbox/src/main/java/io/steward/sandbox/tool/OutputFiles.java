package io.steward.sandbox.tool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Bounds what a session keeps of long outputs: the oldest files give way.
final class OutputFiles {
  static final int FILES_MAX = 32;

  /// How many files of the largest size may be kept.
  private static final int LARGEST_MAX = 2;

  private OutputFiles() {}

  private record Kept(Path path, long bytes, long modifiedMs) {}

  /// Removes the oldest files until one of `fileBytesMax` fits in.
  static void makeRoom(Path directory, long fileBytesMax) throws IOException {
    List<Kept> files = new ArrayList<>();
    try (Stream<Path> paths = Files.list(directory)) {
      for (Path path : paths.toList()) {
        files.add(new Kept(path, Files.size(path), Files.getLastModifiedTime(path).toMillis()));
      }
    }
    files.sort(Comparator.comparingLong(Kept::modifiedMs));
    long bytes = files.stream().mapToLong(Kept::bytes).sum();
    int count = files.size();
    for (Kept file : files) {
      if (count < FILES_MAX && bytes <= (LARGEST_MAX - 1) * fileBytesMax) {
        return;
      }
      Files.deleteIfExists(file.path());
      bytes -= file.bytes();
      count--;
    }
  }
}
