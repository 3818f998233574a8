package io.steward.vaultproxy.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.vaultproxy.clone.CloneFailure;
import io.steward.vaultproxy.clone.CloneFailure.Reason;
import io.steward.vaultproxy.clone.CloneJob;
import io.steward.vaultproxy.clone.CloneJob.Target;
import io.steward.vaultproxy.stage.GitServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Clones by the real program from a real git server over HTTPS.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProcessClonerTest {
  private static final CloneJob.Limits LIMITS = new CloneJob.Limits(10_000_000, 1000, 20);
  private static final Target DEFAULT = new Target.DefaultBranch();

  @TempDir static Path temporary;

  private GitServer.Identity identity;
  private GitServer server;
  private GitServer other;
  private String firstCommit;
  private String lastCommit;

  ProcessClonerTest() throws Exception {
    Path root = Files.createTempDirectory("git-");
    root.toFile().deleteOnExit();
    identity = GitServer.Identity.make(root);
    server = GitServer.start(identity, root);
    other = GitServer.start(identity, root);
    server.sendAwayTo(other);
    firstCommit = "";
    lastCommit = "";
    GitServer.repository(root, "thing", this::fill);
    GitServer.repository(root, "empty", _ -> {});
    GitServer.repository(root, "hostile", ProcessClonerTest::fillHostile);
  }

  private void fill(Path tree) throws IOException, InterruptedException {
    Files.writeString(tree.resolve("README.md"), "first\n");
    commit(tree, "first");
    firstCommit = GitServer.run(tree, "git", "rev-parse", "HEAD");
    GitServer.run(tree, "git", "tag", "-a", "v1", "-m", "one");
    GitServer.run(tree, "git", "checkout", "-q", "-b", "feature/side");
    Files.writeString(tree.resolve("side.txt"), "side\n");
    commit(tree, "side");
    GitServer.run(tree, "git", "checkout", "-q", "trunk");
    Files.writeString(tree.resolve("README.md"), "second\n");
    Files.createDirectories(tree.resolve("a/bé"));
    Files.writeString(tree.resolve("a/bé/program"), "#!/bin/sh\necho yes\n");
    assertTrue(tree.resolve("a/bé/program").toFile().setExecutable(true));
    Files.createSymbolicLink(tree.resolve("a/link"), Path.of("../README.md"));
    Files.createSymbolicLink(tree.resolve("out"), Path.of("/etc/passwd"));
    Files.writeString(tree.resolve(".gitattributes"), "*.bin filter=lfs\n*.txt text eol=crlf\n");
    Files.writeString(tree.resolve("big.bin"), "x".repeat(200_000));
    Files.writeString(tree.resolve("lines.txt"), "one\ntwo\n");
    GitServer.run(tree, "git", "-c", "filter.lfs.clean=cat", "add", ".");
    GitServer.run(
        tree, "git", "update-index", "--add", "--cacheinfo", "160000," + firstCommit + ",module");
    GitServer.run(tree, "git", "commit", "-q", "-m", "second");
    lastCommit = GitServer.run(tree, "git", "rev-parse", "HEAD");
  }

  /// A file named `..`, which git itself would not make.
  private static void fillHostile(Path tree) throws IOException, InterruptedException {
    GitServer.run(
        tree,
        "sh",
        "-ec",
        "blob=$(echo x | git hash-object -w --stdin)\n"
            + "tree=$(printf '100644 blob %s\\t..\\n' $blob | git mktree)\n"
            + "git update-ref refs/heads/trunk $(git commit-tree -m x $tree)");
  }

  private static void commit(Path tree, String message) throws IOException, InterruptedException {
    GitServer.run(tree, "git", "add", ".");
    GitServer.run(tree, "git", "commit", "-q", "-m", message);
  }

  @BeforeAll
  void commitsAreKnown() {
    assertEquals(40, lastCommit.length());
  }

  @AfterAll
  void stop() {
    server.close();
    other.close();
  }

  private ProcessCloner cloner(CloneJob.Limits limits, Duration timeMax, int heap)
      throws IOException {
    return new ProcessCloner(
        new ProcessCloner.Settings(
            temporary.resolve("clones"), identity.certificate(), limits, timeMax, heap));
  }

  private Path clone(String url, @Nullable String token, Target target)
      throws IOException, InterruptedException {
    return unpack(cloner(LIMITS, Duration.ofMinutes(1), 128), url, token, target);
  }

  private static Path unpack(
      ProcessCloner cloner, String url, @Nullable String token, Target target)
      throws IOException, InterruptedException {
    Path archive = Files.createTempFile(temporary, "archive", ".tar.gz");
    byte[] secret = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
    try (InputStream in = cloner.clone(url, secret, target)) {
      Files.write(archive, in.readAllBytes());
    }
    assertEquals(List.of(), leftovers());
    Path tree = Files.createTempDirectory(temporary, "tree");
    GitServer.run(tree, "tar", "-xzpf", archive.toString());
    return tree;
  }

  private static List<Path> leftovers() throws IOException {
    try (Stream<Path> files = Files.list(temporary.resolve("clones"))) {
      return files.filter(file -> !file.endsWith("home")).toList();
    }
  }

  private CloneFailure failure(String url, @Nullable String token, Target target) {
    return assertThrows(CloneFailure.class, () -> clone(url, token, target));
  }

  private static String git(Path tree, String... arguments)
      throws IOException, InterruptedException {
    String[] command = new String[arguments.length + 1];
    command[0] = "git";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    return GitServer.run(tree, command);
  }

  @Test
  void the_default_branch_is_checked_out_as_git_clone_would_leave_it() throws Exception {
    Path tree = clone(server.url("public/thing"), null, DEFAULT);

    assertEquals("", git(tree, "fsck", "--strict"));
    assertEquals("", git(tree, "-c", "filter.lfs.clean=cat", "status", "--porcelain"));
    assertEquals("trunk", git(tree, "branch", "--show-current"));
    assertEquals(lastCommit, git(tree, "rev-parse", "HEAD"));
    assertEquals("origin/trunk", git(tree, "rev-parse", "--abbrev-ref", "trunk@{upstream}"));
    assertEquals(
        "refs/heads/trunk\nrefs/remotes/origin/feature/side\nrefs/remotes/origin/trunk\nrefs/tags/v1",
        git(tree, "for-each-ref", "--format=%(refname)"));
    assertEquals(firstCommit, git(tree, "rev-parse", "v1^{commit}"));
    assertEquals(server.url("public/thing"), git(tree, "remote", "get-url", "origin"));
    assertEquals("second\n", Files.readString(tree.resolve("README.md")));
    assertTrue(Files.isExecutable(tree.resolve("a/bé/program")));
    assertFalse(Files.isExecutable(tree.resolve("README.md")));
    assertEquals(Path.of("../README.md"), Files.readSymbolicLink(tree.resolve("a/link")));
    assertEquals(Path.of("/etc/passwd"), Files.readSymbolicLink(tree.resolve("out")));
    assertTrue(Files.isDirectory(tree.resolve("module")));
    assertEquals("0 0", GitServer.run(tree, "stat", "-c", "%u %g", "README.md"), "as root");
  }

  @Test
  void a_token_opens_a_private_repository_and_is_nowhere_in_the_archive() throws Exception {
    Path tree = clone(server.url("private/thing"), GitServer.TOKEN, DEFAULT);

    assertEquals(lastCommit, git(tree, "rev-parse", "HEAD"));
    assertEquals(server.url("private/thing"), git(tree, "remote", "get-url", "origin"));
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String content = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertFalse(content.contains("canary"), file::toString);
        assertFalse(content.contains("Authorization"), file::toString);
      }
    }
  }

  @Test
  void a_missing_and_a_wrong_token_are_told_apart() {
    CloneFailure missing = failure(server.url("private/thing"), null, DEFAULT);
    CloneFailure wrong = failure(server.url("private/thing"), "ghp_wrong", DEFAULT);

    assertEquals(Reason.AUTHENTICATION, missing.reason());
    assertEquals(
        "The host " + server.host() + " wants a token, and the repository has none.",
        missing.getMessage());
    assertEquals(Reason.AUTHENTICATION, wrong.reason());
    assertEquals(
        "The host " + server.host() + " rejected the token of the repository.", wrong.getMessage());
  }

  @Test
  void refused_and_unknown_repositories_are_told_apart() {
    assertEquals(
        Reason.FORBIDDEN,
        failure(server.url("forbidden/thing"), GitServer.TOKEN, DEFAULT).reason());
    assertEquals(Reason.NOT_FOUND, failure(server.url("public/nothing"), null, DEFAULT).reason());
  }

  @Test
  void a_branch_is_checked_out_by_its_name() throws Exception {
    Path tree = clone(server.url("public/thing"), null, new Target.Branch("feature/side"));

    assertEquals("feature/side", git(tree, "branch", "--show-current"));
    assertEquals("side\n", Files.readString(tree.resolve("side.txt")));
    assertEquals("", git(tree, "status", "--porcelain"));
  }

  @Test
  void a_commit_is_checked_out_on_no_branch() throws Exception {
    Path tree = clone(server.url("public/thing"), null, new Target.Commit(firstCommit));

    assertEquals("", git(tree, "branch", "--show-current"));
    assertEquals(firstCommit, git(tree, "rev-parse", "HEAD"));
    assertEquals("first\n", Files.readString(tree.resolve("README.md")));
  }

  @Test
  void what_cannot_be_checked_out_says_so() {
    CloneFailure branch = failure(server.url("public/thing"), null, new Target.Branch("none"));
    CloneFailure commit =
        failure(server.url("public/thing"), null, new Target.Commit("0".repeat(39) + "1"));

    assertEquals(Reason.CHECKOUT, branch.reason());
    assertEquals("The repository has no branch \"none\".", branch.getMessage());
    assertEquals(Reason.CHECKOUT, commit.reason());
  }

  @Test
  void an_empty_repository_is_an_empty_clone() throws Exception {
    Path tree = clone(server.url("public/empty"), null, DEFAULT);

    assertTrue(git(tree, "status").contains("No commits yet"));
    assertEquals("main", git(tree, "branch", "--show-current"));
  }

  @Test
  void a_redirect_on_the_same_host_is_followed() throws Exception {
    Path tree = clone(server.url("moved/thing"), null, DEFAULT);

    assertEquals(lastCommit, git(tree, "rev-parse", "HEAD"));
  }

  @Test
  void a_redirect_to_another_host_is_refused_and_nobody_there_sees_the_token() {
    CloneFailure refused = failure(server.url("away/thing"), GitServer.TOKEN, DEFAULT);

    assertEquals(Reason.CLONE, refused.reason());
    assertEquals(
        "The host wants to send the clone on to https://"
            + other.host()
            + ", and a clone does not leave its host.",
        refused.getMessage());
    assertEquals(List.of(), other.authorizations());
    assertEquals(List.of(), other.paths());
  }

  @Test
  void a_tree_that_leads_out_of_itself_is_refused() {
    CloneFailure refused = failure(server.url("public/hostile"), null, DEFAULT);

    assertEquals(Reason.CLONE, refused.reason());
    assertTrue(String.valueOf(refused.getMessage()).contains("'..'"), refused.getMessage());
  }

  @Test
  void a_certificate_nobody_vouches_for_is_refused() throws Exception {
    ProcessCloner cloner =
        new ProcessCloner(
            new ProcessCloner.Settings(
                temporary.resolve("clones"), null, LIMITS, Duration.ofMinutes(1), 128));

    CloneFailure refused =
        assertThrows(
            CloneFailure.class,
            () -> unpack(cloner, server.url("public/thing"), GitServer.TOKEN, DEFAULT));

    assertEquals(Reason.CLONE, refused.reason());
    assertEquals(
        "No trusted connection to the host " + server.host() + " can be made.",
        refused.getMessage());
  }

  @Test
  void every_limit_is_hit_with_a_sentence() throws Exception {
    assertEquals(
        "The repository is larger than the limit of 100000 bytes.",
        limited(new CloneJob.Limits(100_000, 1000, 20), 60_000, 128, "public/thing"));
    assertEquals(
        "The repository has more than 3 files.",
        limited(new CloneJob.Limits(10_000_000, 3, 20), 60_000, 128, "public/thing"));
    assertEquals(
        "The host " + server.host() + " said nothing for 1 seconds.",
        limited(new CloneJob.Limits(10_000_000, 1000, 1), 60_000, 128, "silent/thing"));
    assertEquals(
        "Cloning took longer than the limit of 1 seconds.",
        limited(new CloneJob.Limits(10_000_000, 1000, 20), 1000, 128, "silent/thing"));
    assertEquals(
        "Cloning needs more memory than the limit of 4 MB.",
        limited(LIMITS, 60_000, 4, "public/thing"));
    assertEquals(List.of(), leftovers());
  }

  private String limited(CloneJob.Limits limits, long timeMax, int heap, String path)
      throws IOException {
    ProcessCloner cloner = cloner(limits, Duration.ofMillis(timeMax), heap);
    return String.valueOf(
        assertThrows(CloneFailure.class, () -> unpack(cloner, server.url(path), null, DEFAULT))
            .getMessage());
  }
}
