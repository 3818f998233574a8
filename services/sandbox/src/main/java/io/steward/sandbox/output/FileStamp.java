package io.steward.sandbox.output;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// What changes when a file changes, in nanoseconds since the epoch where it is a time. The agent
/// can set `modifiedNs`, but not `changedNs`.
record FileStamp(long inode, long sizeBytes, long modifiedNs, long changedNs) {
  private static final String ATTRIBUTES =
      "unix:ino,size,lastModifiedTime,ctime,isRegularFile,isDirectory";

  /// What a path is.
  ///
  /// @param stamp of a regular file
  record Seen(boolean directory, Optional<FileStamp> stamp) {}

  /// @throws IOException when there is nothing or it cannot be looked at
  static Seen look(Path path, LinkOption... options) throws IOException {
    Map<String, Object> all = Files.readAttributes(path, ATTRIBUTES, options);
    boolean directory = Boolean.TRUE.equals(all.get("isDirectory"));
    if (!Boolean.TRUE.equals(all.get("isRegularFile"))) {
      return new Seen(directory, Optional.empty());
    }
    FileStamp stamp =
        new FileStamp(
            ((Number) value(all, "ino")).longValue(),
            ((Number) value(all, "size")).longValue(),
            ((FileTime) value(all, "lastModifiedTime")).to(TimeUnit.NANOSECONDS),
            ((FileTime) value(all, "ctime")).to(TimeUnit.NANOSECONDS));
    return new Seen(directory, Optional.of(stamp));
  }

  private static Object value(Map<String, Object> all, String name) throws IOException {
    Object value = all.get(name);
    if (value == null) {
      throw new IOException("the file system does not tell " + name);
    }
    return value;
  }

  /// Milliseconds since the epoch of the last change.
  long changedMs() {
    return TimeUnit.NANOSECONDS.toMillis(changedNs);
  }
}
