package io.steward.sandbox.save;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// What changes when something on disk changes. The agent can set `modifiedNs`, but not
/// `changedNs`; both are nanoseconds since the epoch.
///
/// @param mode type and permissions, as `stat` has them
/// @param sizeBytes 0 for directories, whose size says nothing
/// @param modifiedNs 0 for directories: it changes with their entries, which are looked at
/// @param changedNs 0 for directories, too
record Stamp(int mode, long inode, long sizeBytes, long modifiedNs, long changedNs) {
  private static final String ATTRIBUTES = "unix:mode,ino,size,lastModifiedTime,ctime";
  private static final int TYPE = 0170000;
  private static final int FILE = 0100000;
  private static final int DIRECTORY = 0040000;
  private static final int LINK = 0120000;
  private static final int PERMISSIONS = 0777;

  /// What `path` is; empty for what is neither file nor directory nor symlink.
  ///
  /// @throws IOException when there is nothing or it cannot be looked at
  static Optional<Stamp> look(Path path, LinkOption... options) throws IOException {
    Map<String, Object> all = Files.readAttributes(path, ATTRIBUTES, options);
    int mode = ((Number) value(all, "mode")).intValue();
    long inode = ((Number) value(all, "ino")).longValue();
    return switch (mode & TYPE) {
      case DIRECTORY -> Optional.of(new Stamp(mode, inode, 0, 0, 0));
      case FILE, LINK ->
          Optional.of(
              new Stamp(
                  mode,
                  inode,
                  ((Number) value(all, "size")).longValue(),
                  ((FileTime) value(all, "lastModifiedTime")).to(TimeUnit.NANOSECONDS),
                  ((FileTime) value(all, "ctime")).to(TimeUnit.NANOSECONDS)));
      default -> Optional.empty();
    };
  }

  private static Object value(Map<String, Object> all, String name) throws IOException {
    Object value = all.get(name);
    if (value == null) {
      throw new IOException("the file system does not tell " + name);
    }
    return value;
  }

  boolean isDirectory() {
    return (mode & TYPE) == DIRECTORY;
  }

  boolean isLink() {
    return (mode & TYPE) == LINK;
  }

  boolean isFile() {
    return (mode & TYPE) == FILE;
  }

  /// Without the bits that change the user.
  int permissions() {
    return mode & PERMISSIONS;
  }
}
