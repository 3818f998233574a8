package io.steward.vaultproxy;

import io.steward.schemas.id.Ids;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The directory of the service, held by one process at a time. Its owner id stays with it, so that
/// consumer groups know an instance that starts again.
final class OwnedDirectory implements AutoCloseable {
  private final FileChannel channel;
  private final String owner;

  private OwnedDirectory(FileChannel channel, String owner) {
    this.channel = channel;
    this.owner = owner;
  }

  static OwnedDirectory hold(Path directory) throws IOException {
    Files.createDirectories(directory);
    FileChannel channel =
        FileChannel.open(
            directory.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw new IOException("another vault-proxy uses the directory " + directory);
      }
      return new OwnedDirectory(channel, owner(directory.resolve(".owner")));
    } catch (IOException | OverlappingFileLockException e) {
      channel.close();
      throw e;
    }
  }

  private static String owner(Path file) throws IOException {
    if (!Files.exists(file)) {
      Path fresh = Files.writeString(file.resolveSibling(".owner.new"), Ids.random("vlto_"));
      Files.move(fresh, file);
    }
    return Files.readString(file).strip();
  }

  String owner() {
    return owner;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
