package io.steward.schemas.instance;

import io.steward.schemas.id.Ids;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The directory of an instance of a service, held by one process at a time. Its owner id stays
/// with it: consumer groups know an instance that starts again, and whoever holds the directory
/// knows that nothing of an earlier holder with this id goes on.
public final class OwnedDirectory implements AutoCloseable {
  private final FileChannel channel;
  private final String owner;

  private OwnedDirectory(FileChannel channel, String owner) {
    this.channel = channel;
    this.owner = owner;
  }

  /// Holds `directory`, which is made if it is not there.
  ///
  /// @param idPrefix how an owner id starts that is made anew, such as `sbxo_`
  /// @throws IOException when another process holds it, or it cannot be written
  public static OwnedDirectory hold(Path directory, String idPrefix) throws IOException {
    Files.createDirectories(directory);
    FileChannel channel =
        FileChannel.open(
            directory.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw new IOException("another process of this service uses the directory " + directory);
      }
      return new OwnedDirectory(channel, owner(directory.resolve(".owner"), idPrefix));
    } catch (IOException | OverlappingFileLockException e) {
      channel.close();
      throw e;
    }
  }

  private static String owner(Path file, String idPrefix) throws IOException {
    if (!Files.exists(file)) {
      Path fresh = Files.writeString(file.resolveSibling(".owner.new"), Ids.random(idPrefix));
      Files.move(fresh, file);
    }
    return Files.readString(file).strip();
  }

  public String owner() {
    return owner;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
