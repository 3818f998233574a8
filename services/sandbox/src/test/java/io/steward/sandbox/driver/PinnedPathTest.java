package io.steward.sandbox.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(10)
class PinnedPathTest {
  @TempDir Path root;

  @Test
  void a_file_is_reached_through_directories() throws IOException {
    Files.writeString(Files.createDirectory(root.resolve("dé")).resolve("f"), "content");

    try (PinnedPath directory = PinnedPath.open(root, Path.of("dé")).orElseThrow();
        PinnedPath file = directory.open(Path.of("f")).orElseThrow()) {
      assertTrue(directory.isDirectory());
      assertFalse(file.isDirectory());
      assertEquals("content", Files.readString(file.path()));
    }
  }

  @Test
  void it_stays_the_same_when_its_name_becomes_another() throws IOException {
    Path directory = Files.createDirectory(root.resolve("d"));
    Files.writeString(directory.resolve("f"), "old");

    try (PinnedPath pinned = PinnedPath.open(root, Path.of("d")).orElseThrow()) {
      Files.move(directory, root.resolve("elsewhere"));
      Files.createSymbolicLink(directory, Path.of("/etc"));

      assertEquals("old", Files.readString(pinned.path().resolve("f")));
      assertTrue(pinned.open(Path.of("passwd")).isEmpty());
    }
  }

  @Test
  void a_symlink_is_not_followed() throws IOException {
    Files.createSymbolicLink(root.resolve("file"), Path.of("/etc/passwd"));
    Files.createSymbolicLink(root.resolve("directory"), Path.of("/etc"));

    assertTrue(PinnedPath.open(root, Path.of("file")).isEmpty());
    assertTrue(PinnedPath.open(root, Path.of("directory")).isEmpty());
    assertTrue(PinnedPath.open(root, Path.of("nothing")).isEmpty());
  }

  @Test
  void a_fifo_keeps_nobody_waiting() throws IOException {
    Commands.run(List.of("mkfifo", root.resolve("fifo").toString()));

    try (PinnedPath fifo = PinnedPath.open(root, Path.of("fifo")).orElseThrow()) {
      assertFalse(fifo.isDirectory());
    }
  }

  @Test
  void a_closed_one_leads_nowhere() {
    PinnedPath pinned = PinnedPath.open(Path.of("/"), Path.of("tmp")).orElseThrow();
    pinned.close();
    pinned.close();

    assertThrows(IllegalStateException.class, pinned::path);
  }
}
