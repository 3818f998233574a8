package io.steward.sandbox.driver.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.driver.SessionDirectory;
import io.steward.sandbox.driver.Trees;
import io.steward.sandbox.shim.Connection;
import io.steward.sandbox.shim.LocalProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// Files between here and an inside that is honest (the real script on this machine) or hostile.
@Timeout(60)
class RemoteMirrorTest {
  @TempDir(cleanup = CleanupMode.NEVER)
  Path root;

  private Path inside = Path.of("inside");
  private SessionDirectory session = new SessionDirectory(Path.of("here"));

  @BeforeEach
  void prepare() throws IOException {
    inside = Files.createDirectory(root.resolve("inside"));
    for (String part : List.of("workspace", "outputs", "home", "uploads", "tool-outputs")) {
      Files.createDirectory(inside.resolve(part));
    }
    session = new SessionDirectory(root.resolve("here"));
    session.prepare(OptionalInt.empty());
  }

  @AfterEach
  void remove() throws IOException {
    Trees.remove(root);
  }

  private RemoteMirror mirror(RemoteCommands commands) {
    return new RemoteMirror(
        new RemoteShim.Place(
            "sbx_1",
            commands,
            new RemoteShim.Places(
                inside.resolve("control"),
                inside.resolve("workspace"),
                inside.resolve("outputs"),
                inside.resolve("home"),
                inside.resolve("uploads"),
                inside.resolve("tool-outputs"),
                Path.of("/tmp")),
            session,
            new SandboxLimits(1 << 20, 64, 1 << 20, 1 << 20, Duration.ofSeconds(1)),
            new RemoteMirror.Limits(1 << 20, 100, Duration.ofSeconds(20)),
            () -> {}));
  }

  private static Connection run(List<String> command) throws IOException {
    return new LocalProcess(new ProcessBuilder(command).start());
  }

  private Path there(String name) {
    return inside.resolve("workspace").resolve(name);
  }

  private Path here(String name) {
    return session.workspace().resolve(name);
  }

  @Test
  void what_is_here_is_shown_and_what_changes_there_is_brought() throws IOException {
    Files.createDirectories(here("d/e"));
    Files.writeString(here("d/e/f"), "one");
    Files.createSymbolicLink(here("l"), Path.of("d/e/f"));
    Files.setPosixFilePermissions(here("d/e/f"), PosixFilePermissions.fromString("rwxr-x--x"));
    Files.writeString(session.uploads().resolve("u"), "upload");
    Files.writeString(here("x".repeat(200)), "long");
    RemoteMirror mirror = mirror(RemoteMirrorTest::run);

    mirror.push();

    assertEquals("one", Files.readString(there("d/e/f")));
    assertEquals("long", Files.readString(there("x".repeat(200))));
    assertEquals(Path.of("d/e/f"), Files.readSymbolicLink(there("l")));
    assertEquals("upload", Files.readString(inside.resolve("uploads/u")));
    assertTrue(Files.isExecutable(there("d/e/f")));
    assertEquals(
        Files.getLastModifiedTime(here("d/e/f")).to(TimeUnit.MICROSECONDS),
        Files.getLastModifiedTime(there("d/e/f")).to(TimeUnit.MICROSECONDS));

    Files.writeString(there("d/e/f"), "two");
    Files.writeString(there("new\nline é"), "new");
    Files.writeString(there("y".repeat(200)), "long");
    Trees.remove(there("l"));
    Files.createDirectory(there("l"));
    Files.writeString(there("l/in"), "in");
    Trees.remove(there("x".repeat(200)));
    mirror.pull(Duration.ZERO);

    assertEquals("two", Files.readString(here("d/e/f")));
    assertEquals("new", Files.readString(here("new\nline é")));
    assertEquals("long", Files.readString(here("y".repeat(200))));
    assertEquals("in", Files.readString(here("l/in")));
    assertFalse(Files.exists(here("x".repeat(200))));
  }

  @Test
  void later_changes_of_this_side_go_there_without_touching_the_agents() throws IOException {
    RemoteMirror mirror = mirror(RemoteMirrorTest::run);
    Files.writeString(session.uploads().resolve("old"), "old");
    Files.writeString(here("mine"), "mine");
    mirror.push();
    Files.writeString(there("mine"), "the agent's");

    Files.delete(session.uploads().resolve("old"));
    Files.writeString(session.uploads().resolve("new"), "new");
    mirror.push();

    assertFalse(Files.exists(inside.resolve("uploads/old")));
    assertEquals("new", Files.readString(inside.resolve("uploads/new")));
    assertEquals("the agent's", Files.readString(there("mine")));
  }

  @Test
  void an_instance_that_takes_over_takes_what_differs() throws IOException {
    Files.writeString(there("f"), "newest");
    Files.writeString(here("f"), "old");
    Files.writeString(here("gone"), "old");
    RemoteMirror mirror = mirror(RemoteMirrorTest::run);

    mirror.adopt();
    mirror.pull(Duration.ZERO);

    assertEquals("newest", Files.readString(here("f")));
    assertFalse(Files.exists(here("gone")));
  }

  private IOException pullOf(ScriptedInside said) throws IOException {
    Files.writeString(here("kept"), "kept");
    RemoteMirror mirror = mirror(_ -> said);
    mirror.adopt();
    IOException failure = assertThrows(IOException.class, () -> mirror.pull(Duration.ZERO));
    assertFalse(Files.exists(root.resolve("escaped"), LinkOption.NOFOLLOW_LINKS));
    return failure;
  }

  @Test
  void a_listing_that_leads_elsewhere_changes_nothing() throws IOException {
    String workspace = inside.resolve("workspace").toString();
    for (String path :
        List.of(
            root + "/escaped",
            workspace + "/../../escaped",
            workspace + "//a",
            workspace + "/a/./b",
            workspace + "/" + "a/".repeat(300) + "b")) {
      pullOf(new ScriptedInside().file('f', 1, path, "").end());
      assertEquals("kept", Files.readString(here("kept")));
    }
  }

  @Test
  void nothing_is_written_through_a_symlink() throws IOException {
    String workspace = inside.resolve("workspace").toString();
    Files.createDirectory(root.resolve("target"));

    pullOf(
        new ScriptedInside()
            .file('l', 0, workspace + "/a", root.resolve("target").toString())
            .file('f', 1, workspace + "/a/escaped", "")
            .end()
            .tar(workspace + "/a/escaped", TarConstants.LF_NORMAL, "x"));

    assertFalse(Files.exists(root.resolve("target/escaped")));
    assertEquals("kept", Files.readString(here("kept")));
  }

  @Test
  void a_listing_that_ends_early_or_never_removes_nothing() throws IOException {
    String workspace = inside.resolve("workspace").toString();
    pullOf(new ScriptedInside().file('f', 1, workspace + "/a", ""));
    assertEquals("kept", Files.readString(here("kept")));
    pullOf(new ScriptedInside().raw("x".repeat(100_000)));
    ScriptedInside endless = new ScriptedInside();
    for (int i = 0; i < 200; i++) {
      endless.file('f', 0, workspace + "/" + i, "");
    }
    assertTrue(pullOf(endless.end()).toString().contains("more than 100 files"));
    assertEquals("kept", Files.readString(here("kept")));
  }

  @Test
  void files_that_are_too_large_together_are_not_taken() throws IOException {
    String workspace = inside.resolve("workspace").toString();

    IOException failure =
        pullOf(new ScriptedInside().file('f', 2_000_000, workspace + "/a", "").end());

    assertTrue(failure.toString().contains("more than 1048576"), failure::toString);
    assertEquals("kept", Files.readString(here("kept")));
  }

  @Test
  void an_archive_brings_only_what_was_asked_for() throws IOException {
    String workspace = inside.resolve("workspace").toString();
    String asked = workspace + "/a";
    pullOf(
        new ScriptedInside()
            .file('f', 1, asked, "")
            .end()
            .tar(workspace + "/other", TarConstants.LF_NORMAL, "x"));
    pullOf(
        new ScriptedInside()
            .file('f', 1, asked, "")
            .end()
            .tar("../../escaped", TarConstants.LF_NORMAL, "x"));
    pullOf(
        new ScriptedInside()
            .file('f', 1, asked, "")
            .end()
            .tar(asked, TarConstants.LF_SYMLINK, "/etc/passwd"));
    pullOf(
        new ScriptedInside()
            .file('f', 1, asked, "")
            .end()
            .tar(asked, TarConstants.LF_LINK, "/etc/passwd"));

    assertFalse(Files.exists(here("a"), LinkOption.NOFOLLOW_LINKS));
    assertFalse(Files.exists(here("other")));
  }

  @Test
  void what_changed_while_it_was_read_comes_the_next_time() throws IOException {
    String asked = there("a").toString();
    ScriptedInside first =
        new ScriptedInside()
            .file('f', 1, asked, "")
            .end()
            .tar(asked, TarConstants.LF_NORMAL, "grown");
    ScriptedInside second =
        new ScriptedInside()
            .file('f', 5, asked, "")
            .end()
            .tar(asked, TarConstants.LF_NORMAL, "grown");
    List<Connection> turns = new ArrayList<>(List.of(first, second));
    RemoteMirror mirror = mirror(_ -> turns.removeFirst());

    mirror.pull(Duration.ZERO);
    assertFalse(Files.exists(here("a")));
    mirror.pull(Duration.ZERO);

    assertEquals("grown", Files.readString(here("a")));
    assertTrue(second.heard().startsWith((asked.length() + 1) + "\n" + asked + "\0"));
  }
}
