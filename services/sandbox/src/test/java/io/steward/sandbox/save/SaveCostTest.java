package io.steward.sandbox.save;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sandbox.driver.SessionDirectory;
import io.steward.sandbox.driver.Trees;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Prints what save points cost. Nothing about time is asserted.
@Timeout(120)
class SaveCostTest {
  private static final int TRIES = 5;

  @TempDir(cleanup = CleanupMode.NEVER)
  Path root;

  private final SessionId session = SessionId.random(0);
  private final RandomGenerator random = new Random(1);

  @AfterEach
  void remove() throws IOException {
    Trees.remove(root);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 10_000})
  void figures_of_saves(int files) throws IOException {
    BlobStore blobs = new DirectoryBlobStore(root.resolve("blobs"));
    SaveLimits limits =
        new SaveLimits(2L << 30, 250_000, Duration.ofMinutes(1), 1, Duration.ZERO, Duration.ZERO);
    InMemoryHeads heads = new InMemoryHeads();
    SessionSave save = on("one", blobs, heads, limits);
    Path workspace = workspace("one");
    for (int i = 0; i < files; i++) {
      Path directory = Files.createDirectories(workspace.resolve("d" + i / 100));
      write(directory.resolve("f" + i), 1000);
    }

    measure(files, "first save", save);
    for (int i = 0; i < TRIES; i++) {
      measure(files, "nothing changed", save);
    }
    for (int i = 0; i < TRIES; i++) {
      write(workspace.resolve("small"), 1000);
      measure(files, "1 small file", save);
    }
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 100; j++) {
        write(Files.createDirectories(workspace.resolve("more")).resolve("f" + j), 10_000);
      }
      measure(files, "100 files of 10 kB", save);
    }
    write(workspace.resolve("large"), 100 << 20);
    measure(files, "1 file of 100 MB", save);
    long start = System.nanoTime();
    int restored = on("two", blobs, heads, limits).restore(OptionalInt.empty());
    print(files, "restore", start);

    assertFalse(save.save().changed());
    assertTrue(restored > files);
  }

  private SessionSave on(String machine, BlobStore blobs, Heads heads, SaveLimits limits) {
    return new SessionSave(
        session,
        SessionDirectory.of(root.resolve(machine), session),
        new SavePoints.Parts(
            root, blobs, heads, new InMemoryWorkspaces(heads), InstantSource.system(), limits),
        () -> false);
  }

  private Path workspace(String machine) throws IOException {
    SessionDirectory directory = SessionDirectory.of(root.resolve(machine), session);
    Files.createDirectories(directory.service());
    for (Path part : directory.agentParts()) {
      Files.createDirectories(part);
    }
    return directory.workspace();
  }

  private void write(Path file, int bytes) throws IOException {
    byte[] content = new byte[bytes];
    random.nextBytes(content);
    Files.write(file, content);
  }

  private static void measure(int files, String what, SessionSave save) throws IOException {
    LockSupport.parkNanos(2 * SessionSave.TIME_STEP_NS);
    long start = System.nanoTime();
    assertEquals(!what.startsWith("nothing"), save.save().changed());
    print(files, what, start);
  }

  private static void print(int files, String what, long start) {
    long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
    System.out.printf("save points, %,d files: %s %.1f ms%n", files, what, micros / 1000.0);
  }
}
