package io.steward.sandbox.output;

import io.steward.schemas.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// What of a session was published, in a file that no sandbox sees. Without it everything would be
/// published again after a restart, which is allowed, but not nice. Safe from any thread.
final class OutputLedger {
  private static final Logger LOG = Logger.getLogger(OutputLedger.class);

  private final Path file;
  private final Map<String, Entry> entries;
  private @Nullable String workspaceId;
  private long bytes;
  private boolean changed;

  /// The last version of a file that was published.
  ///
  /// @param settled whether a later change would have another stamp: file systems tell times in
  ///   steps of some milliseconds, so two changes in one step look like one
  /// @param publishedMs milliseconds since the epoch
  record Entry(FileStamp stamp, String sha256, boolean settled, long publishedMs) {}

  /// @param bytes of all versions of all files
  private record Content(@Nullable String workspaceId, long bytes, Map<String, Entry> files) {
    Content {
      files = files == null ? Map.of() : files;
    }
  }

  private OutputLedger(Path file, Content content) {
    this.file = file;
    this.workspaceId = content.workspaceId();
    this.bytes = content.bytes();
    this.entries = new TreeMap<>(content.files());
  }

  /// The ledger in `directory`, empty when there is none that can be read.
  static OutputLedger read(Path directory) throws IOException {
    Path file = directory.resolve("outputs.json");
    Content nothing = new Content(null, 0, Map.of());
    if (!Files.exists(file)) {
      return new OutputLedger(file, nothing);
    }
    try {
      return new OutputLedger(file, Json.read(Files.readAllBytes(file), Content.class));
    } catch (UncheckedIOException e) {
      LOG.warnf(
          "the list of outputs is damaged, publishing again file=%s: %s", file, e.getMessage());
      return new OutputLedger(file, nothing);
    }
  }

  synchronized Optional<Entry> find(String path) {
    return Optional.ofNullable(entries.get(path));
  }

  synchronized int size() {
    return entries.size();
  }

  /// Bytes of all versions of all files.
  synchronized long bytes() {
    return bytes;
  }

  synchronized Optional<String> workspaceId() {
    return Optional.ofNullable(workspaceId);
  }

  /// Notes a version that was published.
  synchronized void published(String path, Entry entry, String inWorkspace) {
    entries.put(path, entry);
    bytes += entry.stamp().sizeBytes();
    workspaceId = inWorkspace;
    changed = true;
  }

  /// Notes that the published version now has another stamp.
  synchronized void seen(String path, Entry entry) {
    entries.put(path, entry);
    changed = true;
  }

  /// Writes what changed since it was read or written.
  synchronized void write() throws IOException {
    if (changed) {
      Path fresh = file.resolveSibling("outputs.json.new");
      Files.write(fresh, Json.bytes(new Content(workspaceId, bytes, entries)));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      changed = false;
    }
  }
}
