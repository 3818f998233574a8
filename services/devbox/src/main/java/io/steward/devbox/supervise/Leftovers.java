package io.steward.devbox.supervise;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Processes of an instance on the same data directory that outlived it. They carry its mark in
/// their environment; PostgreSQL, which overwrites its environment, is known by its working
/// directory. Only Linux shows either; elsewhere the watchdog alone sees to them.
public final class Leftovers {
  private static final Path PROC = Path.of("/proc");

  private final Path directory;
  private final byte[] mark;

  /// @param directory the data directory, absolute
  /// @param mark the start of the mark to look for
  public Leftovers(Path directory, String mark) {
    this.directory = directory;
    this.mark = mark.getBytes(StandardCharsets.UTF_8);
  }

  /// Waits `patience` for them to end by themselves, then kills them.
  ///
  /// @return whether none is left
  public boolean end(Duration patience) throws InterruptedException {
    long killNanos = System.nanoTime() + patience.toNanos();
    long giveUpNanos = killNanos + Duration.ofSeconds(3).toNanos();
    while (true) {
      List<ProcessHandle> left = find();
      if (left.isEmpty()) {
        return true;
      }
      if (System.nanoTime() > giveUpNanos) {
        return false;
      }
      if (System.nanoTime() >= killNanos) {
        left.forEach(ProcessHandle::destroyForcibly);
      }
      Thread.sleep(20);
    }
  }

  List<ProcessHandle> find() {
    List<ProcessHandle> found = new ArrayList<>();
    if (!Files.isDirectory(PROC)) {
      return found;
    }
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        if (isOurs(process)) {
          ProcessHandle.of(Long.parseLong(process.getFileName().toString())).ifPresent(found::add);
        }
      }
    } catch (IOException e) {
      return found; // A process went away while the directory was read.
    }
    return found;
  }

  private boolean isOurs(Path process) {
    try {
      return contains(Files.readAllBytes(process.resolve("environ")), mark)
          || (Files.readSymbolicLink(process.resolve("cwd")).equals(directory.resolve("postgres"))
              && Files.readSymbolicLink(process.resolve("exe")).endsWith("postgres"));
    } catch (IOException e) {
      return false; // Another user's, or gone.
    }
  }

  private static boolean contains(byte[] text, byte[] part) {
    for (int i = 0; i + part.length <= text.length; i++) {
      int j = 0;
      while (j < part.length && text[i + j] == part[j]) {
        j++;
      }
      if (j == part.length) {
        return true;
      }
    }
    return false;
  }
}
