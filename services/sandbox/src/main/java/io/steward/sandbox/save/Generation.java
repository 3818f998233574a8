package io.steward.sandbox.save;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jboss.logging.Logger;

/// What a session directory knows of retention, in two files that no sandbox sees.
final class Generation {
  private static final Logger LOG = Logger.getLogger(Generation.class);
  private static final String FILE = "generation";
  private static final String NOTICE = "removed-after-days";

  private Generation() {}

  /// How often retention had removed the session's files when those in `service`'s directory began.
  static long read(Path service) throws IOException {
    return number(service.resolve(FILE)).orElse(0);
  }

  /// Begins a generation whose agent is still to be told of the removal before it.
  static void begin(Path service, long generation, OptionalInt unusedDays) throws IOException {
    Files.createDirectories(service);
    if (unusedDays.isPresent()) {
      write(service.resolve(NOTICE), unusedDays.getAsInt());
    }
    write(service.resolve(FILE), generation);
  }

  /// After how many unused days the files before these were removed, if nobody was told.
  static OptionalLong untold(Path service) {
    try {
      return number(service.resolve(NOTICE));
    } catch (IOException e) {
      LOG.debugf("not known whether files were removed directory=%s: %s", service, e);
      return OptionalLong.empty();
    }
  }

  static void told(Path service) throws IOException {
    Files.deleteIfExists(service.resolve(NOTICE));
  }

  private static OptionalLong number(Path file) throws IOException {
    try {
      return OptionalLong.of(Long.parseLong(Files.readString(file).strip()));
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    } catch (NumberFormatException e) {
      throw new IOException("damaged: " + file, e);
    }
  }

  private static void write(Path file, long number) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, Long.toString(number));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
