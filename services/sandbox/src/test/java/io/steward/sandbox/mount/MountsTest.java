package io.steward.sandbox.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sandbox.driver.SessionDirectory;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.sandbox.SandboxMount;
import io.steward.schemas.sandbox.SandboxMount.FileMount;
import io.steward.schemas.sandbox.SandboxMount.RepositoryMount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MountsTest {
  private static final Mounts.Limits LIMITS = new Mounts.Limits(10_000, 20, Duration.ofSeconds(30));

  @TempDir Path root;

  private SessionDirectory directory = new SessionDirectory(Path.of("unset"));
  private BlobStore blobs = new DirectoryBlobStore(Path.of("unset"));
  private Mounts mounts = new Mounts(blobs, LIMITS);

  @BeforeEach
  void makeDirectories() throws IOException {
    directory = new SessionDirectory(root.resolve("session"));
    for (Path path : List.of(directory.service(), directory.uploads(), directory.workspace())) {
      Files.createDirectories(path);
    }
    blobs = new DirectoryBlobStore(Files.createDirectories(root.resolve("blobs")));
    mounts = new Mounts(blobs, LIMITS);
  }

  private FileMount file(String path, String blobKey) {
    return new FileMount("/mnt/session/uploads/" + path, blobKey, 1);
  }

  private void blob(String key, String content) throws IOException {
    blobs.put(key, content.getBytes(StandardCharsets.UTF_8));
  }

  private RepositoryMount repository(String path, TarGz archive) throws IOException {
    blobs.put("repository", archive.bytes());
    return new RepositoryMount("/workspace/" + path, "sesrsc_1", "repository");
  }

  private Mounting show(SandboxMount... wanted) {
    return mounts.show(directory, List.of(wanted), () -> false);
  }

  private String refusal(SandboxMount... wanted) {
    return assertInstanceOf(Mounting.Refused.class, show(wanted)).reason();
  }

  private List<String> tree(Path of) throws IOException {
    try (Stream<Path> all = Files.walk(of)) {
      return all.filter(path -> !path.equals(of))
          .map(path -> of.relativize(path).toString())
          .sorted()
          .toList();
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void files_are_read_only_and_their_parents_are_made() throws IOException {
    blob("a", "one");
    blob("b", "two");

    Mounting mounting = show(file("x/y/données.csv", "a"), file("top", "b"));

    assertEquals(new Mounting.Shown(), mounting);
    Path uploads = directory.uploads();
    assertEquals(List.of("top", "x", "x/y", "x/y/données.csv"), tree(uploads));
    assertEquals("one", Files.readString(uploads.resolve("x/y/données.csv")));
    assertEquals("r--r--r--", mode(uploads.resolve("top")));
    assertEquals("rwxr-xr-x", mode(uploads.resolve("x/y")));
  }

  @Test
  void what_is_there_is_not_copied_again() throws IOException {
    blob("a", "one");
    show(file("f", "a"));
    blobs.delete("a");

    assertEquals(new Mounting.Shown(), show(file("f", "a")));
    assertEquals(
        new Mounting.Shown(),
        new Mounts(blobs, LIMITS).show(directory, List.of(file("f", "a")), () -> false));
  }

  @Test
  void another_blob_replaces_the_file() throws IOException {
    blob("a", "one");
    blob("b", "two");
    show(file("f", "a"));

    show(file("f", "b"));

    assertEquals("two", Files.readString(directory.uploads().resolve("f")));
  }

  @Test
  void what_is_not_named_any_more_goes_with_its_empty_parents() throws IOException {
    blob("a", "one");
    show(file("x/y/f", "a"), file("x/g", "a"));

    show(file("x/g", "a"));
    assertEquals(List.of("x", "x/g"), tree(directory.uploads()));

    show();
    assertEquals(List.of(), tree(directory.uploads()));

    show(file("x", "a"));
    assertEquals(List.of("x"), tree(directory.uploads()));
  }

  @Test
  void what_a_crash_left_behind_does_no_harm() throws IOException {
    blob("a", "one");
    Files.createDirectories(directory.service().resolve("staging/tree/x"));
    Files.writeString(directory.uploads().resolve("unknown"), "placed before the list was");
    Files.writeString(directory.service().resolve("mounts.json"), "{\"files\": 1");

    assertEquals(new Mounting.Shown(), show(file("f", "a")));
    assertEquals(List.of("f"), tree(directory.uploads()));
  }

  @Test
  void a_missing_blob_is_a_sentence_and_the_next_try_succeeds() throws IOException {
    assertEquals(
        "The file /mnt/session/uploads/f of this session could not be mounted because its content"
            + " is gone, so nothing ran.",
        refusal(file("f", "a")));
    blob("a", "one");

    assertEquals(new Mounting.Shown(), show(file("f", "a")));
  }

  @Test
  void a_blob_store_that_is_away_is_waited_for() throws IOException {
    blob("a", "one");
    Path away = root.resolve("away");
    Files.move(root.resolve("blobs"), away);
    Files.createFile(root.resolve("blobs"));

    Mounting mounting =
        mounts.show(
            directory,
            List.of(file("f", "a")),
            () -> {
              restore(away); // Back before the second try.
              return false;
            });

    assertEquals(new Mounting.Shown(), mounting);
  }

  private void restore(Path away) {
    try {
      if (Files.isRegularFile(root.resolve("blobs"))) {
        Files.delete(root.resolve("blobs"));
        Files.move(away, root.resolve("blobs"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void files_beyond_the_limit_are_refused_together() {
    FileMount large = new FileMount("/mnt/session/uploads/a", "a", 6000);
    FileMount larger = new FileMount("/mnt/session/uploads/b", "b", 4001);

    assertEquals(
        "The files this session was given take 10001 bytes, more than the 10000 bytes a session"
            + " may keep, so nothing ran. Remove some of its resources.",
        refusal(large, larger));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/passwd",
        "/mnt/session/uploads",
        "/mnt/session/uploads/",
        "/mnt/session/uploads/../x",
        "/mnt/session/uploads/a/../../x",
        "/mnt/session/uploads/a//b",
        "/mnt/session/uploads/./a",
        "/mnt/session/uploadsx/a",
        "mnt/session/uploads/a",
        "/mnt/session/uploads/a\nb"
      })
  void a_path_that_leads_elsewhere_is_refused(String path) throws IOException {
    blob("a", "one");

    assertTrue(
        refusal(new FileMount(path, "a", 1)).startsWith("The file " + path + " of this session"));
    assertEquals(List.of(), tree(directory.uploads()));
  }

  @Test
  void a_repository_is_unpacked_with_modes_and_symlinks() throws IOException {
    TarGz archive =
        new TarGz()
            .directory("./")
            .directory(".git")
            .file(".git/config", "[core]")
            .file("src/run.sh", "#!/bin/sh", 04777)
            .file("ünïcode", "x")
            .symlink("link", "src/run.sh")
            .symlink("out", "../../etc/passwd");

    assertEquals(new Mounting.Shown(), show(repository("deep/er/repo", archive)));

    Path repository = directory.workspace().resolve("deep/er/repo");
    assertEquals(
        List.of(".git", ".git/config", "link", "out", "src", "src/run.sh", "ünïcode"),
        tree(repository));
    assertEquals("rwxr-xr-x", mode(repository.resolve("src/run.sh")));
    assertEquals("rw-r--r--", mode(repository.resolve(".git/config")));
    assertEquals(Path.of("../../etc/passwd"), Files.readSymbolicLink(repository.resolve("out")));
    assertEquals(List.of("mounts.json"), tree(directory.service()));
  }

  @Test
  void a_repository_is_unpacked_once() throws IOException {
    RepositoryMount mount = repository("repo", new TarGz().file("f", "x"));
    show(mount);
    Files.delete(directory.workspace().resolve("repo/f"));
    Files.delete(directory.workspace().resolve("repo"));

    assertEquals(new Mounting.Shown(), show(mount));

    assertEquals(List.of(), tree(directory.workspace()));
  }

  @Test
  void what_the_agent_has_in_its_place_stays() throws IOException {
    Files.createDirectory(directory.workspace().resolve("repo"));
    Files.writeString(directory.workspace().resolve("repo/mine"), "agent's");
    RepositoryMount mount = repository("repo", new TarGz().file("f", "x"));

    assertEquals(new Mounting.Shown(), show(mount));

    assertEquals(List.of("repo", "repo/mine"), tree(directory.workspace()));
  }

  @Test
  void an_empty_directory_gives_way() throws IOException {
    Files.createDirectories(directory.workspace().resolve("a/repo"));

    show(repository("a/repo", new TarGz().file("f", "x")));

    assertEquals(List.of("a", "a/repo", "a/repo/f"), tree(directory.workspace()));
  }

  @Test
  void a_symlink_on_the_way_leads_nowhere() throws IOException {
    Path outside = Files.createDirectory(root.resolve("outside"));
    Files.createSymbolicLink(directory.workspace().resolve("a"), outside);

    assertEquals(new Mounting.Shown(), show(repository("a/b/repo", new TarGz().file("f", "x"))));

    assertEquals(List.of(), tree(outside));
    assertTrue(Files.isSymbolicLink(directory.workspace().resolve("a")));
  }

  @Test
  void a_symlink_in_its_place_stays() throws IOException {
    Path outside = Files.createDirectory(root.resolve("outside"));
    Files.createSymbolicLink(directory.workspace().resolve("repo"), outside);

    show(repository("repo", new TarGz().file("f", "x")));

    assertEquals(List.of(), tree(outside));
  }

  static Stream<TarGz> hostile() {
    return Stream.of(
        new TarGz().file("../f", "x"),
        new TarGz().file("a/../../f", "x"),
        new TarGz().file("/tmp/f", "x"),
        new TarGz().symlink("a", "/tmp").file("a/f", "x"),
        new TarGz().file("a/f", "x").symlink("a", "/tmp"),
        new TarGz().symlink("a", "/tmp").symlink("a/b", "x"),
        new TarGz().symlink("a", "/tmp").symlink("a", "/var"),
        new TarGz().symlink("a", "/tmp").directory("a"),
        new TarGz().file("a", "x").file("a", "y"),
        new TarGz().file("a", "x").file("a/b", "y"),
        new TarGz().file("a", "x").hardLink("b", "a"),
        new TarGz().hardLink("b", "/etc/passwd"),
        new TarGz().fifo("a"),
        new TarGz().symlink("a", ""),
        new TarGz().file("a", "x".repeat(6000)).file("b", "x".repeat(4001)));
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void an_archive_that_breaks_a_rule_is_refused_whole(TarGz archive) throws IOException {
    RepositoryMount mount = repository("repo", archive);

    assertTrue(
        refusal(mount)
            .startsWith("The repository /workspace/repo of this session could not be mounted"));
    assertEquals(List.of(), tree(directory.workspace()));
    assertFalse(Files.exists(directory.service().resolve("staging"), LinkOption.NOFOLLOW_LINKS));
  }

  @Test
  void an_archive_of_too_many_files_or_of_rubbish_is_refused() throws IOException {
    TarGz many = new TarGz();
    for (int i = 0; i < 21; i++) {
      many.file("f" + i, "");
    }
    assertTrue(refusal(repository("repo", many)).contains("it has more than 20 files"));

    blobs.put("repository", "rubbish".getBytes(StandardCharsets.UTF_8));
    assertTrue(
        refusal(new RepositoryMount("/workspace/repo", "sesrsc_1", "repository"))
            .contains("could not be mounted because"));
  }

  @Test
  void a_canceled_call_ends_the_work() throws IOException {
    blob("a", "one");

    Mounting mounting = mounts.show(directory, List.of(file("f", "a")), () -> true);

    assertInstanceOf(Mounting.Refused.class, mounting);
    assertEquals(List.of(), tree(directory.uploads()));
  }

  @Test
  void a_path_that_is_too_deep_or_has_a_long_name_is_refused() {
    assertThrows(
        UnmountableException.class,
        () -> MountPath.below("/workspace", "/workspace" + "/a".repeat(33)));
    assertThrows(
        UnmountableException.class,
        () -> MountPath.below("/workspace", "/workspace/" + "é".repeat(128)));
  }
}
