package io.steward.sandbox.mount;

import io.steward.schemas.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/// What is shown in one session directory, in a file that no sandbox sees. A file that was placed
/// and is not in it is placed again; a repository is looked at again.
final class MountLedger {
  private static final Logger LOG = Logger.getLogger(MountLedger.class);

  private final Path file;
  private final Map<String, String> blobKeys;
  private final Map<String, String> repositories;

  /// @param files path below the uploads to blob key
  /// @param repositories resource id to path in the workspace
  private record Content(Map<String, String> files, Map<String, String> repositories) {
    Content {
      files = files == null ? Map.of() : files;
      repositories = repositories == null ? Map.of() : repositories;
    }
  }

  private MountLedger(Path file, Content content) {
    this.file = file;
    this.blobKeys = new TreeMap<>(content.files());
    this.repositories = new TreeMap<>(content.repositories());
  }

  /// The ledger in `directory`, empty when there is none that can be read.
  static MountLedger read(Path directory) throws IOException {
    Path file = directory.resolve("mounts.json");
    if (!Files.exists(file)) {
      return new MountLedger(file, new Content(Map.of(), Map.of()));
    }
    try {
      return new MountLedger(file, Json.read(Files.readAllBytes(file), Content.class));
    } catch (UncheckedIOException e) {
      LOG.warnf("the list of mounts is damaged, mounting again file=%s: %s", file, e.getMessage());
      return new MountLedger(file, new Content(Map.of(), Map.of()));
    }
  }

  /// Path below the uploads to the key of the blob that is there.
  Map<String, String> blobKeys() {
    return blobKeys;
  }

  /// Resource id to path in the workspace, of those that were unpacked or given up for what the
  /// agent had there.
  Map<String, String> repositories() {
    return repositories;
  }

  void write() throws IOException {
    Path fresh = file.resolveSibling("mounts.json.new");
    Files.write(fresh, Json.bytes(new Content(blobKeys, repositories)));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
