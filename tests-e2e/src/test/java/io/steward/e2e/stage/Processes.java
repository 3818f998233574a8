package io.steward.e2e.stage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The processes of this machine as Linux shows them.
public final class Processes {
  private static final Path PROC = Path.of("/proc");

  private Processes() {}

  /// Whether the process runs. A zombie does not.
  public static boolean isRunning(long pid) {
    try {
      String stat = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
      char state = stat.charAt(stat.lastIndexOf(')') + 2);
      return state != 'Z' && state != 'X';
    } catch (IOException e) {
      return false;
    }
  }

  /// The running processes whose command line or environment mentions the text, as `pid command`.
  public static List<String> mentioning(String text) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> entries = Files.list(PROC)) {
      for (Path entry : entries.toList()) {
        String name = entry.getFileName().toString();
        if (!name.chars().allMatch(Character::isDigit) || isSelf(name) || !isRunning(name)) {
          continue;
        }
        String command = read(entry.resolve("cmdline"));
        if (command.contains(text) || read(entry.resolve("environ")).contains(text)) {
          found.add(name + " " + command);
        }
      }
    }
    return found;
  }

  /// Kills the process at once, as `kill -9` does.
  public static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }

  private static boolean isSelf(String pid) {
    return pid.equals(Long.toString(ProcessHandle.current().pid()));
  }

  private static boolean isRunning(String pid) {
    return isRunning(Long.parseLong(pid));
  }

  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).replace('\0', ' ');
    } catch (IOException e) {
      return "";
    }
  }
}
