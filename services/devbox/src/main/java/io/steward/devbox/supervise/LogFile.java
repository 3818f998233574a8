package io.steward.devbox.supervise;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/// What a child prints. It is cut at each start of the child when it is larger than 16 MB; the part
/// before is kept once, as `<name>.log.1`.
final class LogFile {
  private static final long BYTES_MAX = 16L * 1024 * 1024;
  private static final int TAIL_BYTES_MAX = 16 * 1024;

  private final Path path;

  LogFile(Path path) {
    this.path = path;
  }

  Path path() {
    return path;
  }

  /// The path, ready to be appended to.
  Path rotated() throws IOException {
    if (Files.exists(path) && Files.size(path) > BYTES_MAX) {
      Files.move(
          path,
          path.resolveSibling(path.getFileName() + ".1"),
          StandardCopyOption.REPLACE_EXISTING);
    }
    return path;
  }

  /// The last `count` lines, or an empty text when there is no log.
  String tail(int count) {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      long from = Math.max(0, file.length() - TAIL_BYTES_MAX);
      byte[] end = new byte[(int) (file.length() - from)];
      file.seek(from);
      file.readFully(end);
      List<String> lines = new String(end, StandardCharsets.UTF_8).lines().toList();
      return String.join("\n", lines.subList(Math.max(0, lines.size() - count), lines.size()));
    } catch (IOException e) {
      return "";
    }
  }
}
