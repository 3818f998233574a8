package io.steward.harness.judge;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/// Paths in a sandbox that an agent may use without being asked. Links are not followed here: the
/// sandbox decides what lies behind them.
final class WorkPaths {
  private static final List<String> READ_ROOTS = List.of("/workspace", "/tmp", "/mnt/session");
  private static final List<String> WRITE_ROOTS =
      List.of("/workspace", "/tmp", "/mnt/session/outputs");

  /// Directories where programs keep credentials.
  private static final Set<String> CREDENTIALS =
      Set.of(".aws", ".azure", ".config", ".docker", ".gnupg", ".kube", ".ssh");

  /// Files that something runs later, without anybody deciding it.
  private static final Set<String> RUN_LATER =
      Set.of(
          ".git",
          ".gitconfig",
          ".husky",
          ".envrc",
          ".bashrc",
          ".bash_aliases",
          ".bash_profile",
          ".bash_login",
          ".bash_logout",
          ".inputrc",
          ".profile",
          ".vimrc",
          ".zshrc",
          ".zshenv");

  private WorkPaths() {}

  /// The path with one slash between names, without `.` and without the `..` that can be resolved.
  static String normal(String path) {
    Deque<String> names = new ArrayDeque<>();
    boolean absolute = path.startsWith("/");
    for (String name : path.split("/")) {
      boolean up = name.equals("..");
      if (up && !names.isEmpty() && !names.getLast().equals("..")) {
        names.removeLast();
      } else if (!name.isEmpty() && !name.equals(".") && !(up && absolute)) {
        names.addLast(name);
      }
    }
    return (absolute ? "/" : "") + String.join("/", names);
  }

  /// Whether `path` is surely one of the roots or below one, and where no credentials are kept. A
  /// relative path is taken to be in the workspace, but not one that a file of credentials would
  /// have, seen from `/`.
  static boolean mayRead(String path) {
    String normal = normal(path);
    return isPlain(path)
        && !names(normal, CREDENTIALS)
        && (normal.startsWith("/")
            ? READ_ROOTS.stream().anyMatch(root -> (normal + "/").startsWith(root + "/"))
            : !CommandRisk.namesCredentials("/" + normal));
  }

  /// Whether a shell may go there, and take later relative paths from there.
  static boolean mayEnter(String path) {
    return mayRead(path) && !names(path, RUN_LATER);
  }

  /// Whether `path` is surely below one of the roots. A relative path is taken to be in the
  /// workspace, which is where shells begin.
  static boolean mayWrite(String path) {
    String normal = normal(path);
    return isPlain(path)
        && !normal.isEmpty()
        && !names(normal, CREDENTIALS)
        && !names(normal, RUN_LATER)
        && (!normal.startsWith("/")
            || WRITE_ROOTS.stream().anyMatch(root -> normal.startsWith(root + "/")));
  }

  /// Whether the path goes nowhere but down.
  private static boolean isPlain(String path) {
    return !path.isBlank()
        && !path.startsWith("~")
        && path.chars().noneMatch(Character::isISOControl)
        && !names(path, Set.of(".."));
  }

  private static boolean names(String path, Set<String> names) {
    return Arrays.stream(path.split("/")).anyMatch(names::contains);
  }
}
