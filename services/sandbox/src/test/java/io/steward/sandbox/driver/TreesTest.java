package io.steward.sandbox.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An image without programs goes through trees as one that has them.
class TreesTest {
  @TempDir Path directory;

  private Path tree() throws IOException {
    Path tree = directory.resolve("tree");
    Path below = Files.createDirectories(tree.resolve("a").resolve("b"));
    Files.write(below.resolve("big"), new byte[10_000]);
    Files.write(tree.resolve("small"), new byte[1]);
    Files.createSymbolicLink(tree.resolve("out"), directory.resolve("kept"));
    Files.createSymbolicLink(below.resolve("nowhere"), Path.of("not-there"));
    return tree;
  }

  @Test
  void what_is_removed_by_paths_is_gone_and_what_links_lead_to_is_not() throws IOException {
    Path kept = Files.createDirectories(directory.resolve("kept").resolve("file"));
    Path tree = tree();
    Files.setPosixFilePermissions(
        tree.resolve("a").resolve("b"), PosixFilePermissions.fromString("---------"));
    Files.setPosixFilePermissions(tree.resolve("a"), PosixFilePermissions.fromString("r--------"));

    Trees.removeByPaths(tree);

    assertFalse(Files.exists(tree, LinkOption.NOFOLLOW_LINKS));
    assertTrue(Files.exists(kept));
  }

  @Test
  void a_link_and_a_file_are_removed_by_paths_themselves() throws IOException {
    Path file = Files.write(directory.resolve("file"), new byte[1]);
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);

    Trees.removeByPaths(link);

    assertFalse(Files.exists(link, LinkOption.NOFOLLOW_LINKS));
    assertTrue(Files.exists(file));
    Trees.removeByPaths(file);
    assertFalse(Files.exists(file));
  }

  @Test
  void by_paths_as_many_files_are_counted_as_by_programs() throws IOException {
    Path tree = tree();
    Path gone = directory.resolve("gone");

    Map<Path, Trees.Usage> usage = Trees.usage(List.of(tree, gone));
    Trees.Usage byPrograms = usage.getOrDefault(tree, new Trees.Usage(0, 0));
    Trees.Usage byPaths = Trees.usageByPaths(tree);

    assertEquals(7, byPaths.files());
    assertTrue(byPaths.bytes() >= 10_001);
    assertEquals(byPaths.files(), byPrograms.files());
    assertTrue(byPrograms.bytes() >= 10_001);
    assertFalse(usage.containsKey(gone));
    assertEquals(new Trees.Usage(0, 0), Trees.usageByPaths(gone));
  }
}
