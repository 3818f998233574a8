package io.steward.sandbox.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.driver.Trees;
import io.steward.sandbox.shim.Cancellation;
import io.steward.sandbox.shim.Sandbox;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.sandbox.ToolResult.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// The tools in a real sandbox: input as a model gives it, text as it reads it.
@Timeout(60)
abstract class ToolsetContract {
  @TempDir(cleanup = CleanupMode.NEVER)
  Path root;

  private final ParentThread parent = new ParentThread();
  private final SessionId session = SessionId.random(0);
  private final Toolset toolset =
      new Toolset(new Toolset.ToolLimits(Duration.ofSeconds(20), 1 << 20));
  private @Nullable Sandbox sandbox;
  private int calls;

  abstract SandboxDriver driver(Path root, SandboxLimits limits, ParentThread parent);

  /// What the workspace is called inside.
  abstract String workspace(Path root, SessionId session);

  @BeforeEach
  void openSandbox() throws IOException {
    SandboxLimits limits =
        new SandboxLimits(256L << 20, 128, 64L << 20, 32L << 20, Duration.ofSeconds(3));
    sandbox =
        assertInstanceOf(
                SandboxDriver.Opening.Opened.class, driver(root, limits, parent).open(session))
            .sandbox();
  }

  @AfterEach
  void closeSandbox() throws IOException {
    if (sandbox != null) {
      sandbox.close();
    }
    parent.close();
    Trees.remove(root);
  }

  private ToolAnswer call(String tool, Object... input) {
    Map<String, Object> fields = new HashMap<>();
    for (int i = 0; i < input.length; i += 2) {
      fields.put((String) input[i], input[i + 1]);
    }
    Sandbox open = assertInstanceOf(Sandbox.class, sandbox);
    return toolset.run(
        open,
        ToolInput.parse(tool, Json.tree(fields)),
        new Toolset.Call("sevt_" + calls++, Optional.empty(), new Cancellation()));
  }

  private String text(String tool, Object... input) {
    ToolAnswer answer = call(tool, input);
    assertFalse(answer.isError(), answer.text());
    assertEquals(Outcome.COMPLETED, answer.outcome());
    return answer.text();
  }

  private String error(String tool, Object... input) {
    ToolAnswer answer = call(tool, input);
    assertTrue(answer.isError(), answer.text());
    return answer.text();
  }

  private String bash(String command) {
    return text("bash", "command", command);
  }

  private String inWorkspace(String path) {
    return workspace(root, session) + "/" + path;
  }

  @Test
  void bash_answers_with_output_or_exit_code() {
    assertEquals("a\nb", bash("echo a; echo b >&2; echo; echo"));
    assertEquals("(no output)", bash("true"));
    assertEquals("why", error("bash", "command", "echo why; (exit 3)"));
    assertEquals("exit 3", error("bash", "command", "(exit 3)"));
    assertTrue(
        error("bash", "command", "echo x; exit 3")
            .startsWith("x\nbash: the shell ended with code 3."));
    assertEquals("bash session restarted", text("bash", "restart", true));
    assertEquals("n", text("bash", "restart", true, "command", "echo ${GONE:-n}"));
  }

  @Test
  void bash_that_times_out_says_so_and_gets_a_new_shell() {
    bash("A=1");

    ToolAnswer answer = call("bash", "command", "echo begun; sleep 60", "timeout_ms", 300);

    assertEquals(Outcome.TIMED_OUT, answer.outcome());
    assertEquals(
        "begun\nbash: the command timed out after 300 ms. The shell and everything it started were"
            + " stopped; the next command gets a new shell.",
        answer.text());
    assertEquals("new", bash("echo ${A:-new}"));
  }

  @Test
  void a_long_output_is_in_a_file_the_sandbox_can_read() {
    String text = bash("seq 100000");

    String file = text.replaceAll("(?s).* are in (\\S+)\\].*", "$1");
    assertTrue(text.length() <= 100_000);
    assertEquals("588895", bash("stat -c %s " + file));
    assertEquals(
        "50000\n50001", text("read", "file_path", file, "view_range", new int[] {50000, 50001}));
    assertTrue(
        error("write", "file_path", file, "content", "x")
            .contains("is inside read-only directory"));
  }

  @Test
  void write_makes_directories_and_keeps_modes() {
    assertEquals(
        "wrote 6 bytes to d/e/f.txt",
        text("write", "file_path", "d/e/f.txt", "content", "é\nb\n\n"));
    assertEquals("700 600", bash("stat -c %a d d/e/f.txt | tr '\\n' ' ' | sed 's/ $//'"));
    bash("chmod 755 d/e/f.txt; ln -s e/f.txt d/link");
    assertEquals("wrote 1 bytes to d/link", text("write", "file_path", "d/link", "content", "z"));
    assertEquals(
        "755 symbolic link z",
        bash("echo $(stat -c %a d/e/f.txt) $(stat -c %F d/link) $(cat d/e/f.txt)"));
    assertEquals("wrote 0 bytes to empty", text("write", "file_path", "empty", "content", ""));
    assertEquals("(no output)", text("read", "file_path", "empty"));
    assertEquals("d empty", bash("echo $(ls -A)"));
  }

  @Test
  void write_refuses_with_a_reason() {
    bash("mkdir d; echo x >f; mkdir -m 500 closed");
    assertEquals("write: d: is a directory", error("write", "file_path", "d", "content", ""));
    assertEquals("write: f/g: not a directory", error("write", "file_path", "f/g", "content", ""));
    assertEquals(
        "write: " + "n".repeat(300) + ": file name too long",
        error("write", "file_path", "n".repeat(300), "content", ""));
    assertEquals(
        "write: /mnt/session/uploads/x is inside read-only directory",
        error("write", "file_path", "/mnt/session/uploads/x", "content", "")
            .replaceAll(" directory .*", " directory"));
  }

  @Test
  void read_shows_a_file_or_says_why_not() {
    bash(
        "printf 'a\\nb\\nc\\n' >f; mkfifo p; head -c 300000 /dev/zero | tr '\\0' x >big; head -c 9 /dev/zero >bin");
    assertEquals("a\nb\nc\n", text("read", "file_path", "f"));
    assertEquals(
        "b\nc", text("read", "file_path", inWorkspace("f"), "view_range", new int[] {2, 3}));
    assertEquals("read: none: no such file or directory", error("read", "file_path", "none"));
    assertEquals("read: . is not a regular file", error("read", "file_path", "."));
    assertEquals("read: p is not a regular file", error("read", "file_path", "p"));
    assertEquals("read: bin is not a UTF-8 text file", error("read", "file_path", "bin"));
    assertTrue(error("read", "file_path", "big").startsWith("read: big is 300000 bytes, exceeds"));
    assertEquals(
        "read: path \"../../../../../etc/passwd\" is outside the session's working directory and its other"
            + " permitted directories (/workspace, /tmp, /mnt/session/uploads, /mnt/session/outputs)",
        error("read", "file_path", "../../../../../etc/passwd"));
  }

  @Test
  void a_range_of_a_huge_file_streams() {
    bash("seq 5000000 >huge");

    assertEquals(
        "4999999\n5000000\n",
        text("read", "file_path", "huge", "view_range", new int[] {4999999, 0}));
    assertEquals("7\n8", text("read", "file_path", "huge", "view_range", new int[] {7, 8}));
  }

  @Test
  void edit_replaces_literally() {
    bash("printf 'a.a $1\\n' >f; head -c 262145 /dev/zero >big; printf '\\xff' >latin");
    assertEquals(
        "edited f (1 replacement(s))",
        text("edit", "file_path", "f", "old_string", "$1", "new_string", "\\&é"));
    assertEquals(
        "edited f (2 replacement(s))",
        text("edit", "file_path", "f", "old_string", "a", "new_string", "b", "replace_all", true));
    assertEquals("b.b \\&é\n", text("read", "file_path", "f"));
    assertEquals(
        "edit: old_string appears 2 times in f (must be unique)",
        error("edit", "file_path", "f", "old_string", "b", "new_string", ""));
    assertTrue(
        error("edit", "file_path", "big", "old_string", "b", "new_string", "")
            .startsWith("edit: big is 262145 bytes, exceeds 262144-byte limit."));
    assertEquals(
        "edit: latin is not a UTF-8 text file",
        error("edit", "file_path", "latin", "old_string", "b", "new_string", ""));
  }

  @Test
  void glob_finds_files_newest_first() {
    bash(
        "mkdir -p s/t .git node_modules; touch -d 2020-01-01 s/old.c; touch -d 2022-01-01 s/t/new.c;"
            + " touch .git/x.c node_modules/x.c s/x.h $'s/line\\nbreak.q'; ln -s / s/root.c");

    assertEquals(
        inWorkspace("s/t/new.c") + "\n" + inWorkspace("s/old.c"),
        text("glob", "pattern", "**/*.c"));
    assertEquals(inWorkspace("s/old.c"), text("glob", "pattern", "*.{c,cc}", "path", "s"));
    assertEquals(inWorkspace("s/line\\nbreak.q"), text("glob", "pattern", "**/*.q"));
    assertEquals("no matches", text("glob", "pattern", "*.c"));
    assertEquals(
        "glob: none: no such file or directory", error("glob", "pattern", "*", "path", "none"));
    assertEquals("glob: s/x.h: not a directory", error("glob", "pattern", "*", "path", "s/x.h"));
    assertTrue(error("glob", "pattern", "*", "path", "/etc").contains("is outside"));
  }

  @Test
  void glob_shows_two_hundred() {
    bash("for i in $(seq 300); do : >f$i; done");

    assertEquals(200, text("glob", "pattern", "*").lines().count());
  }

  @Test
  void grep_finds_lines() {
    bash(
        "mkdir -p d .git; printf 'one\\ntwo 2\\n' >d/f; cp d/f .git; printf 'two 2\\0' >bin;"
            + " (head -c 3000 /dev/zero | tr '\\0' x; echo two 2) >long; echo 'two 2' >$'n\\nm'");

    assertEquals(
        inWorkspace("d/f") + ":2:two 2\n" + inWorkspace("n\\nm") + ":1:two 2",
        sorted(text("grep", "pattern", "two \\d")));
    assertEquals(
        inWorkspace("d/f") + ":1:one", text("grep", "pattern", "^(?=o)one$", "path", "d/f"));
    assertEquals("no matches", text("grep", "pattern", "three"));
    assertTrue(error("grep", "pattern", "(").startsWith("grep: invalid regex: "));
    assertEquals(
        "grep: none: no such file or directory", error("grep", "pattern", "x", "path", "none"));
    assertTrue(error("grep", "pattern", "x", "path", "/etc/passwd").contains("is outside"));
  }

  @Test
  void grep_is_cut() {
    bash("for i in $(seq 20000); do echo matching $i; done >f");

    String text = text("grep", "pattern", "matching");

    assertTrue(text.length() < 103_000, () -> "" + text.length());
    assertTrue(text.endsWith("\n[output truncated at 102400 bytes]"));
  }

  private static String sorted(String lines) {
    return String.join("\n", lines.lines().sorted().toList());
  }
}
