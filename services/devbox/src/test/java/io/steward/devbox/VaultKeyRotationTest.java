package io.steward.devbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.devbox.settings.DataDirectory;
import io.steward.devbox.settings.StartRefused;
import io.steward.devbox.settings.VaultKeyFile;
import io.steward.schemas.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class VaultKeyRotationTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @TempDir Path directory;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  private int rotate(Duration patience) throws StartRefused {
    return new VaultKeyRotation(directory, patience)
        .run(new PrintStream(printed, true, StandardCharsets.UTF_8));
  }

  private Path keys() {
    return directory.resolve("vault-key");
  }

  private List<String> running() throws Exception {
    try (DataDirectory data = DataDirectory.open(directory)) {
      data.makeKey(DataDirectory.VAULT_KEY);
      data.writeRun("devbox.pid", Long.toString(ProcessHandle.current().pid()));
    }
    return Files.readAllLines(keys());
  }

  /// vault-proxy's side: reports what it finds in the file, and what it has seen there.
  private final class Service implements AutoCloseable {
    private final List<List<String>> seen = new ArrayList<>();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final Thread thread = new Thread(this::run);

    private Service() {
      thread.start();
    }

    private void run() {
      try {
        while (!stopping.get()) {
          byte[] content = Files.readAllBytes(keys());
          List<String> lines = new String(content, StandardCharsets.US_ASCII).lines().toList();
          if (seen.isEmpty() || !seen.getLast().equals(lines)) {
            seen.add(lines);
            report(content, 2);
            report(content, 0);
          }
        }
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    private void report(byte[] content, long old) throws Exception {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
      Files.write(
          directory.resolve("vault").resolve("key-rotation.json"),
          Json.bytes(Map.of("file_sha256", HexFormat.of().formatHex(hash), "old", old)));
    }

    @Override
    public void close() throws InterruptedException {
      stopping.set(true);
      thread.join();
    }
  }

  @Test
  void a_fresh_key_comes_first_and_the_older_one_goes_when_nothing_needs_it() throws Exception {
    List<String> before = running();

    Service service = new Service();
    try (service) {
      assertEquals(0, rotate(LONG));
    }

    List<String> after = Files.readAllLines(keys());
    assertEquals(1, after.size());
    assertNotEquals(before, after);
    assertTrue(service.seen.contains(List.of(after.getFirst(), before.getFirst())));
    assertEquals(after, service.seen.getLast());
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(keys())));
  }

  @Test
  void a_rotation_that_was_cut_off_is_finished() throws Exception {
    String old = running().getFirst();
    StartRefused refused = assertThrows(StartRefused.class, () -> rotate(Duration.ZERO));
    assertTrue(String.valueOf(refused.getMessage()).contains("no key was removed"));
    List<String> both = Files.readAllLines(keys());
    assertEquals(List.of(old), both.subList(1, 2));

    try (Service _ = new Service()) {
      assertEquals(0, rotate(LONG));
    }

    assertEquals(List.of(both.getFirst()), Files.readAllLines(keys()));
    assertTrue(printed.toString(StandardCharsets.UTF_8).contains("An earlier exchange"));
  }

  @Test
  void nothing_changes_when_steward_does_not_run_or_somebody_else_rotates() throws Exception {
    assertThrows(StartRefused.class, () -> rotate(LONG));
    List<String> before = running();

    try (VaultKeyFile _ = VaultKeyFile.hold(keys())) {
      assertThrows(StartRefused.class, () -> rotate(LONG));
    }

    assertEquals(before, Files.readAllLines(keys()));
  }

  @Test
  void a_report_of_a_problem_is_shown() throws Exception {
    running();
    Files.write(
        directory.resolve("vault").resolve("key-rotation.json"),
        Json.bytes(Map.of("file_sha256", "", "old", 0, "problem", "It cannot be read.")));

    StartRefused refused = assertThrows(StartRefused.class, () -> rotate(Duration.ZERO));

    assertTrue(String.valueOf(refused.getMessage()).endsWith("It cannot be read."));
  }
}
