package io.steward.sandbox.shim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Hands the input of calls to the inside: files in a directory that is read-only there.
final class CallInputs {
  private static final Logger LOG = Logger.getLogger(CallInputs.class);

  private final Path directory;

  CallInputs(Path directory) {
    this.directory = directory;
  }

  void put(String call, Map<String, byte[]> files) throws IOException {
    Path target = Files.createDirectory(directory.resolve(call));
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = target.resolve(file.getKey());
      Files.write(path, file.getValue());
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
    }
  }

  void remove(String call) {
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
