package io.steward.sandbox.packages;

import io.steward.sandbox.driver.InstalledPackages;
import io.steward.sandbox.driver.Trees;
import io.steward.schemas.id.Ids;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// The directories of a cache that are complete, who uses them, and which go first: the longest
/// unused. What somebody uses never goes. What has a name that starts with `.`, or no `packages`,
/// is not an entry and is removed at start.
///
/// An entry has `packages`, which is what sandboxes see, and `bytes`, what they take on disk:
/// counting that takes long, so it is done once and never under the lock.
final class CachedPackages {
  private static final Logger LOG = Logger.getLogger(CachedPackages.class);
  private static final String HIDDEN = ".";
  private static final String PACKAGES = "packages";
  private static final String BYTES = "bytes";
  private static final int BYTES_FILE_MAX = 20;

  private final Path directory;
  private final InstantSource clock;
  private final Map<String, Entry> entries = new HashMap<>();

  /// One list of packages on disk.
  private static final class Entry {
    private final Path path;
    private OptionalLong bytes;
    private Instant lastUsed;
    private int users;

    Entry(Path path, OptionalLong bytes, Instant lastUsed) {
      this.path = path;
      this.bytes = bytes;
      this.lastUsed = lastUsed;
    }
  }

  CachedPackages(Path directory, InstantSource clock) throws IOException {
    this.directory = directory;
    this.clock = clock;
    List<Path> found;
    try (Stream<Path> all = Files.list(directory)) {
      found = all.toList();
    }
    for (Path path : found) {
      String name = path.getFileName().toString();
      if (name.startsWith(HIDDEN)
          || !Files.isDirectory(path.resolve(PACKAGES), LinkOption.NOFOLLOW_LINKS)) {
        remove(path);
      } else {
        Instant lastUsed = Files.getLastModifiedTime(path).toInstant();
        entries.put(name, new Entry(path, notedBytes(path), lastUsed));
      }
    }
  }

  private static OptionalLong notedBytes(Path entry) {
    try (InputStream in = Files.newInputStream(entry.resolve(BYTES))) {
      String text = new String(in.readNBytes(BYTES_FILE_MAX), StandardCharsets.UTF_8);
      return OptionalLong.of(Long.parseLong(text.strip()));
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  private static long measure(Path entry) throws IOException {
    long bytes = Installation.bytes(entry);
    Files.writeString(entry.resolve(BYTES), Long.toString(bytes));
    return bytes;
  }

  /// Counts the bytes of entries that nobody counted, which may take minutes. Until then they count
  /// nothing.
  void measureUnknown() {
    List<Entry> unknown;
    synchronized (this) {
      unknown = entries.values().stream().filter(entry -> entry.bytes.isEmpty()).toList();
    }
    for (Entry entry : unknown) {
      try {
        long bytes = measure(entry.path);
        synchronized (this) {
          entry.bytes = OptionalLong.of(bytes);
        }
      } catch (IOException e) {
        LOG.debugf("packages were removed while they were counted: %s", e);
      }
    }
  }

  /// The packages of `key`, if they are there.
  synchronized Optional<InstalledPackages> lease(String key) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return Optional.empty();
    }
    touch(entry);
    return Optional.of(new Lease(entry));
  }

  /// Makes `packages` the entry of `key`, by a rename.
  void add(String key, Path packages) throws IOException {
    Path fresh = Files.createDirectory(directory.resolve(HIDDEN + Ids.random("new_")));
    try {
      Files.move(packages, fresh.resolve(PACKAGES), StandardCopyOption.ATOMIC_MOVE);
      OptionalLong bytes = OptionalLong.of(measure(fresh));
      synchronized (this) {
        Path path = directory.resolve(key);
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
        Entry entry = new Entry(path, bytes, clock.instant());
        entries.put(key, entry);
        touch(entry);
      }
    } finally {
      remove(fresh);
    }
  }

  /// Removes what is unused until both limits hold, but not what was used last.
  void shrink(long bytesMax, int entriesMax) {
    List<Path> removed = new ArrayList<>();
    synchronized (this) {
      List<Map.Entry<String, Entry>> oldest =
          entries.entrySet().stream()
              .sorted(Comparator.comparing(entry -> entry.getValue().lastUsed))
              .toList();
      for (Map.Entry<String, Entry> entry : oldest) {
        boolean over = bytes() > bytesMax || entries.size() > entriesMax;
        if (over && entries.size() > 1 && entry.getValue().users == 0) {
          entries.remove(entry.getKey());
          removed.add(hide(entry.getValue().path));
        }
      }
    }
    removed.forEach(CachedPackages::remove);
  }

  private long bytes() {
    return entries.values().stream().mapToLong(entry -> entry.bytes.orElse(0)).sum();
  }

  private Path hide(Path path) {
    try {
      return Files.move(path, directory.resolve(HIDDEN + Ids.random("old_")));
    } catch (IOException e) {
      LOG.warnf("packages could not be moved away: %s", e);
      return path;
    }
  }

  static void remove(Path path) {
    try {
      Trees.remove(path);
    } catch (IOException e) {
      LOG.warnf("%s could not be removed wholly: %s", path, e);
    }
  }

  private void touch(Entry entry) {
    entry.lastUsed = clock.instant();
    try {
      Files.setLastModifiedTime(entry.path, FileTime.from(entry.lastUsed));
    } catch (IOException e) {
      LOG.debugf("use of packages was not noted: %s", e);
    }
  }

  private synchronized void count(Entry entry, int change) {
    entry.users += change;
  }

  /// One user of an entry.
  private final class Lease implements InstalledPackages {
    private final Entry entry;
    private final AtomicBoolean closed = new AtomicBoolean();

    Lease(Entry entry) {
      this.entry = entry;
      count(entry, 1);
    }

    @Override
    public Path directory() {
      return entry.path.resolve(PACKAGES);
    }

    @Override
    public InstalledPackages share() {
      if (closed.get()) {
        throw new IllegalStateException("closed packages cannot be shared");
      }
      return new Lease(entry);
    }

    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        count(entry, -1);
      }
    }
  }
}
