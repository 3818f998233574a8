package io.steward.sandbox.shim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Input of calls as files of this machine, in a directory that is read-only inside.
public final class FileInputs implements CallInputs {
  private static final Logger LOG = Logger.getLogger(FileInputs.class);

  private final Path directory;

  /// @param directory has a directory per call
  public FileInputs(Path directory) {
    this.directory = directory;
  }

  @Override
  public void put(String call, Map<String, byte[]> files) throws IOException {
    Path target = Files.createDirectory(directory.resolve(call));
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = target.resolve(file.getKey());
      Files.write(path, file.getValue());
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
    }
  }

  @Override
  public void remove(String call) {
    Path target = directory.resolve(call);
    try (Stream<Path> files = Files.list(target)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(target);
    } catch (IOException | UncheckedIOException e) {
      // Somebody else removes it, too; what is left goes when the next sandbox opens.
      LOG.debugf("the input of a call was not removed: %s", e);
    }
  }
}
