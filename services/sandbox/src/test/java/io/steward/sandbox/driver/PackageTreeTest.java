package io.steward.sandbox.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What of installed packages is mounted, whatever they are.
class PackageTreeTest {
  @TempDir Path root;

  private Path machine;
  private PackageTree tree;

  @BeforeEach
  void makeDirectories() throws IOException {
    machine = Files.createDirectories(root.resolve("machine"));
    Files.createDirectories(machine.resolve("usr"));
    Files.writeString(machine.resolve("secret"), "x");
    tree = new PackageTree(Files.createDirectories(root.resolve("packages")));
  }

  private Path apt(String name) throws IOException {
    Path path = tree.directory().resolve("apt").resolve(name);
    Files.createDirectories(path.getParent());
    return path;
  }

  @Test
  void files_and_directories_are_mounted_and_links_are_made_inside() throws IOException {
    Files.createDirectories(apt("etc/mine"));
    Files.writeString(apt("etc/file"), "x");
    Files.createSymbolicLink(apt("etc/dangling"), Path.of("/nowhere"));
    Files.createSymbolicLink(apt("opt/leak"), machine);
    Files.createDirectories(apt("etc/ssl"));
    Files.createDirectories(apt("opt/steward"));
    Files.writeString(
        apt("etc").resolve(Path.of(URI.create("file:///%ff")).getFileName()), "no text");
    Commands.run(List.of("mkfifo", apt("etc/pipe").toString()));

    assertEquals(
        new PackageTree.Additions(
            Map.of("apt/etc/mine", "/etc/mine", "apt/etc/file", "/etc/file"),
            Map.of("/etc/dangling", "/nowhere", "/opt/leak", machine.toString())),
        tree.additions());
    assertTrue(tree.trouble().isEmpty());
  }

  @Test
  void a_link_stays_away_from_what_is_shown_already() throws IOException {
    PackageTree.Additions additions =
        new PackageTree.Additions(
            Map.of(), Map.of("/etc/pki", "x", "/etc/services", "y", "/etc/serv", "z"));
    List<String> options =
        new ArrayList<>(
            List.of("--ro-bind", "/etc/services", "/etc/services", "--dir", "/etc/pki/tls"));

    BubblewrapArguments.addLinks(options, additions);

    assertEquals(List.of("--symlink", "z", "/etc/serv"), options.subList(5, options.size()));
  }

  @Test
  void a_link_in_the_place_of_a_directory_is_trouble_and_never_used() throws IOException {
    Files.createSymbolicLink(apt("usr"), machine.resolve("usr"));
    Files.createSymbolicLink(apt("etc"), machine);

    assertFalse(tree.hasSystem());
    assertEquals(new PackageTree.Additions(Map.of(), Map.of()), tree.additions());
    assertEquals(
        "The packages made `apt/usr` something else than a directory of its own, so they are not used.",
        tree.trouble().orElseThrow());
  }

  @Test
  void a_link_in_the_place_of_apt_is_trouble_and_never_used() throws IOException {
    Files.createSymbolicLink(tree.directory().resolve("apt"), machine);

    assertFalse(tree.hasSystem());
    assertTrue(tree.trouble().orElseThrow().contains("`apt`"));
  }
}
