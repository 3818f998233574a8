package io.steward.sandbox.mount;

import io.steward.sandbox.driver.FileNames;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// A checked path below a root of the inside.
///
/// @param names its components below the root, at least one
record MountPath(List<String> names) {
  /// The deepest path, in components below the root.
  static final int DEPTH_MAX = 32;

  private static final int NAME_BYTES_MAX = 255;

  /// @param root such as `/workspace`
  /// @throws UnmountableException when `path` is not an absolute, normalized path below `root`
  static MountPath below(String root, String path) throws UnmountableException {
    if (!path.startsWith(root + "/")) {
      throw new UnmountableException("the path is not below " + root);
    }
    List<String> names = List.of(path.substring(root.length() + 1).split("/", -1));
    if (names.size() > DEPTH_MAX) {
      throw new UnmountableException("the path has more than " + DEPTH_MAX + " parts");
    }
    for (String name : names) {
      check(name);
    }
    return new MountPath(names);
  }

  private static void check(String name) throws UnmountableException {
    if (name.isEmpty() || name.equals(".") || name.equals("..")) {
      throw new UnmountableException("the path is not normalized");
    }
    if (name.codePoints().anyMatch(Character::isISOControl)) {
      throw new UnmountableException("the path holds a control character");
    }
    if (name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX) {
      throw new UnmountableException(
          "a part of the path is longer than " + NAME_BYTES_MAX + " bytes");
    }
  }

  /// The file with this path below `directory`.
  Path in(Path directory) {
    Path path = directory;
    for (String name : names) {
      path = FileNames.below(path, name);
    }
    return path;
  }

  @Override
  public String toString() {
    return String.join("/", names);
  }
}
