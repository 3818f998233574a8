package io.steward.devbox.settings;

import io.steward.schemas.id.Ids;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Everything that lasts, in one directory (mode 0700) that one instance at a time holds by a lock
/// of the operating system, which goes when its process goes.
///
/// `kafka` and `postgres` are the two stores, `blobs`, `sandboxes` and `vault` belong to the
/// services, `run` and `logs` to this instance; `api-key`, `postgres-password` and `vault-key` are
/// mode 0600.
public final class DataDirectory implements AutoCloseable {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  /// The file with the key-encryption keys of vault-proxy.
  public static final String VAULT_KEY = "vault-key";

  private static final Duration LOCK_PATIENCE = Duration.ofMillis(500);

  private final Path root;
  private final FileChannel channel;
  private final FileLock lock;

  private DataDirectory(Path root, FileChannel channel, FileLock lock) {
    this.root = root;
    this.channel = channel;
    this.lock = lock;
  }

  /// Makes the directory when it is not there, and takes the lock.
  ///
  /// @throws StartRefused when another instance holds it or it cannot be written
  public static DataDirectory open(Path path) throws StartRefused, InterruptedException {
    try {
      Files.createDirectories(path);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
      Path root = path.toRealPath();
      FileChannel channel =
          FileChannel.open(
              root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = lock(channel);
      if (lock == null) {
        channel.close();
        throw new StartRefused(
            "The data directory " + root + " is in use by another instance of Steward.");
      }
      for (String name : List.of("run", "logs", "kafka", "blobs", "sandboxes", "vault")) {
        Files.createDirectories(root.resolve(name));
      }
      return new DataDirectory(root, channel, lock);
    } catch (IOException | UnsupportedOperationException e) {
      throw new StartRefused(
          "The data directory " + path + " cannot be written: " + reason(e) + ".", e);
    }
  }

  private static String reason(Exception e) {
    return switch (e) {
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException _ -> "a directory above it cannot be made";
      case FileAlreadyExistsException _ -> "a file has its name";
      default -> e.getClass().getSimpleName() + ": " + e.getMessage();
    };
  }

  /// The lock, or null. An instance that was just killed may hold it for a moment.
  private static @Nullable FileLock lock(FileChannel channel)
      throws IOException, InterruptedException {
    long giveUpNanos = System.nanoTime() + LOCK_PATIENCE.toNanos();
    FileLock lock = tryLock(channel);
    while (lock == null && System.nanoTime() < giveUpNanos) {
      Thread.sleep(20);
      lock = tryLock(channel);
    }
    return lock;
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // Held by this very process.
    }
  }

  public Path root() {
    return root;
  }

  public Path path(String name) {
    return root.resolve(name);
  }

  /// The secret in file `name`, made with `prefix` when there is none.
  public Secret secret(String name, String prefix) throws IOException {
    Path file = ownersFile(name, () -> Ids.random(prefix) + Ids.random(""));
    return new Secret(Files.readString(file, StandardCharsets.US_ASCII).strip());
  }

  /// Makes file `name` with 32 random bytes in base64 when there is none. Nobody here reads it.
  public void makeKey(String name) throws IOException {
    ownersFile(name, VaultKeyFile::freshKey);
  }

  /// The file `name`, only its owner's, with `content` when there was none.
  private Path ownersFile(String name, Supplier<String> content) throws IOException {
    Path file = root.resolve(name);
    if (!Files.exists(file)) {
      Path draft = root.resolve("." + name);
      Files.deleteIfExists(draft);
      Files.createFile(draft, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
      Files.writeString(draft, content.get(), StandardCharsets.US_ASCII);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }
    Files.setPosixFilePermissions(file, OWNER_ONLY);
    return file;
  }

  /// Writes `run/<name>`.
  ///
  /// @return the file
  public Path writeRun(String name, String text) throws IOException {
    Path file = root.resolve("run").resolve(name);
    Path draft = file.resolveSibling("." + name);
    Files.writeString(draft, text + "\n", StandardCharsets.UTF_8);
    return Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /// Empties `run`: nothing of this instance runs (any more).
  public void clearRun() throws IOException {
    try (var files = Files.newDirectoryStream(root.resolve("run"))) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
  }

  @Override
  public void close() throws IOException {
    lock.release();
    channel.close();
  }
}
