package io.steward.sandbox.save;

import io.steward.sandbox.driver.FileNames;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.zstandard.ZstdCompressorInputStream;
import org.jspecify.annotations.Nullable;

/// Lays packs over each other in a directory that nobody else sees. Nothing is ever written through
/// a symlink: what is on the way must be a directory.
final class PackReader {
  private static final PosixFilePermission[] BITS = {
    PosixFilePermission.OTHERS_EXECUTE,
    PosixFilePermission.OTHERS_WRITE,
    PosixFilePermission.OTHERS_READ,
    PosixFilePermission.GROUP_EXECUTE,
    PosixFilePermission.GROUP_WRITE,
    PosixFilePermission.GROUP_READ,
    PosixFilePermission.OWNER_EXECUTE,
    PosixFilePermission.OWNER_WRITE,
    PosixFilePermission.OWNER_READ
  };

  private final Path target;
  private final SaveLimits limits;
  private final Map<String, Long> numbers = new HashMap<>();
  private final NavigableMap<String, Integer> directories = new TreeMap<>();
  private long bytes;

  /// @param target has the parts of a session directory, empty
  PackReader(Path target, SaveLimits limits) {
    this.target = target;
    this.limits = limits;
  }

  /// The number of the save point that each path is from. Also of paths that are no more.
  Map<String, Long> numbers() {
    return numbers;
  }

  /// Lays a pack over what is there.
  ///
  /// @throws SaveRefusedException when the archive holds what no pack does
  void lay(Manifest.Pack pack, InputStream archive) throws IOException {
    Set<Integer> ignored = new HashSet<>(pack.ignored());
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(
            new ZstdCompressorInputStream(new BufferedInputStream(archive)), PackWriter.NAMES)) {
      int position = 0;
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (!ignored.contains(position++)) {
          lay(pack, tar, entry);
        }
      }
    } catch (IllegalArgumentException e) {
      throw new SaveRefusedException("a pack of it is damaged: " + e.getMessage());
    }
  }

  private void lay(Manifest.Pack pack, TarArchiveInputStream tar, TarArchiveEntry entry)
      throws IOException {
    String name = entry.getName();
    if (name.startsWith(PackWriter.GONE)) {
      String raw = name.substring(PackWriter.GONE.length());
      if (makeParents(raw)) {
        remove(path(raw));
      }
      return;
    }
    if (!name.startsWith(PackWriter.TREE)) {
      throw new SaveRefusedException("a pack of it holds an entry that no pack has");
    }
    String raw = name.substring(PackWriter.TREE.length());
    raw = raw.endsWith("/") ? raw.substring(0, raw.length() - 1) : raw;
    Path path = path(raw);
    if (!makeParents(raw)) {
      return; // A file took the place of a directory while both were saved.
    }
    numbers.put(raw, pack.number());
    boolean isDirectory = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    if (entry.getLinkFlag() == TarConstants.LF_DIR) {
      if (!isDirectory) {
        remove(path);
        Files.createDirectory(path);
      }
      directories.put(raw, entry.getMode());
      return;
    }
    remove(path);
    switch (entry.getLinkFlag()) {
      case TarConstants.LF_SYMLINK ->
          Files.createSymbolicLink(path, FileNames.link(entry.getLinkName()));
      case TarConstants.LF_NORMAL -> write(tar, entry, path);
      default -> throw new SaveRefusedException("a pack of it holds an entry that no pack has");
    }
  }

  /// A path in one of the parts, or one of the parts.
  private Path path(String raw) {
    return FileNames.belowRaw(target, raw);
  }

  /// False when something else than a directory is on the way.
  private boolean makeParents(String raw) throws IOException {
    for (int slash = raw.indexOf('/'); slash >= 0; slash = raw.indexOf('/', slash + 1)) {
      Path parent = path(raw.substring(0, slash));
      if (!Files.exists(parent, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(parent);
      } else if (!Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)) {
        return false;
      }
    }
    return true;
  }

  private void write(TarArchiveInputStream tar, TarArchiveEntry entry, Path path)
      throws IOException {
    bytes += entry.getSize();
    if (bytes > limits.bytesMax() * (SaveLimits.GARBAGE_FACTOR + 2)) {
      throw new SaveRefusedException("its packs hold more than any save point has");
    }
    try (OutputStream out =
        Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      tar.transferTo(out);
    }
    mode(path, entry.getMode());
    Files.setLastModifiedTime(path, entry.getLastModifiedTime());
  }

  /// Gives directories their permissions, which could have kept this user out before.
  void finish() throws IOException {
    for (Map.Entry<String, Integer> directory : directories.descendingMap().entrySet()) {
      Path path = path(directory.getKey());
      if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        mode(path, directory.getValue());
      }
    }
  }

  private static void mode(Path path, int mode) throws IOException {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (int bit = 0; bit < BITS.length; bit++) {
      if ((mode & 1 << bit) != 0) {
        permissions.add(BITS[bit]);
      }
    }
    Files.setPosixFilePermissions(path, permissions);
  }

  private static void remove(Path path) throws IOException {
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      Files.walkFileTree(path, new Removal());
    }
  }

  private static final class Removal extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.delete(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
