package io.steward.sandbox.driver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/// Removes directory trees an agent may have made: names, depth and permissions of any kind, and
/// symlinks that are never followed. `rm` does this with descriptors, where paths would not do.
public final class Trees {
  private Trees() {}

  /// Removes `path` and all below it, if it is there.
  public static void remove(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
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
}
