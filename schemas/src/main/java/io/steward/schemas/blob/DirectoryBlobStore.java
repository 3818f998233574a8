package io.steward.schemas.blob;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A [BlobStore] in a directory of the local file system, for one machine.
public final class DirectoryBlobStore implements BlobStore {
  private final Path root;

  /// @param root is made when the first blob is written; as long as it is not there, nothing can be
  ///   read, not even that a blob is missing
  public DirectoryBlobStore(Path root) {
    this.root = root;
  }

  @Override
  public void put(String key, byte[] bytes) throws IOException {
    put(key, new ByteArrayInputStream(bytes));
  }

  @Override
  public long put(String key, InputStream content) throws IOException {
    long[] written = new long[1];
    store(key, temporary -> written[0] = Files.copy(content, temporary));
    return written[0];
  }

  /// A hard link where the file system has them: blobs never change, so sharing the bytes is safe.
  @Override
  public void copy(String from, String to) throws IOException {
    Path source = path(from);
    store(
        to,
        temporary -> {
          try {
            Files.createLink(temporary, source);
          } catch (NoSuchFileException e) {
            throw missing(e);
          } catch (UnsupportedOperationException | FileSystemException e) {
            Files.copy(source, temporary); // No links here, or too many of this file.
          }
        });
  }

  @Override
  public InputStream open(String key) throws IOException {
    try {
      return Files.newInputStream(path(key));
    } catch (NoSuchFileException e) {
      throw missing(e);
    }
  }

  @Override
  public void delete(String key) throws IOException {
    Files.deleteIfExists(path(key));
  }

  /// Fills a temporary file.
  private interface Filling {
    void fill(Path temporary) throws IOException;
  }

  private void store(String key, Filling filling) throws IOException {
    Path target = path(key);
    Path directory = root.resolve(key).toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException("no directory for blob " + key);
    }
    Files.createDirectories(directory);
    Path temporary = directory.resolve(".tmp-" + UUID.randomUUID());
    try {
      filling.fill(temporary);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  @Override
  public byte[] get(String key) throws IOException {
    try {
      return Files.readAllBytes(path(key));
    } catch (NoSuchFileException e) {
      throw missing(e);
    }
  }

  /// A blob that is not there is gone for ever; a directory that is not there, such as a volume
  /// that is not mounted, says nothing about its blobs.
  private IOException missing(NoSuchFileException missing) {
    return Files.isDirectory(root)
        ? missing
        : new IOException("the directory of the blob store is not there", missing);
  }

  @Override
  public void deleteAll(String prefix) throws IOException {
    Files.walkFileTree(path(prefix), new Deletion());
  }

  private Path path(String key) {
    return root.resolve(BlobKey.checked(key));
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {
    /// Somebody else deletes, too.
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
