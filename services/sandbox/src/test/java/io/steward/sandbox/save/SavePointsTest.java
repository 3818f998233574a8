package io.steward.sandbox.save;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.steward.sandbox.driver.Commands;
import io.steward.sandbox.driver.SessionDirectory;
import io.steward.sandbox.driver.Trees;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is saved comes back the same on another machine, whatever the agent made of it.
@Timeout(60)
class SavePointsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir(cleanup = CleanupMode.NEVER)
  Path root;

  private final SessionId session = SessionId.random(0);
  private final InMemoryHeads heads = new InMemoryHeads();
  private final SaveCounts counts = new SaveCounts();
  private final List<SavePoints> all = new ArrayList<>();
  private BlobStore blobs = new DirectoryBlobStore(Path.of("unset"));

  @BeforeEach
  void makeStore() throws IOException {
    blobs = new DirectoryBlobStore(root.resolve("blobs"));
  }

  @AfterEach
  void remove() throws IOException {
    all.forEach(SavePoints::close);
    Trees.remove(root);
  }

  private SavePoints machine(String name) throws IOException {
    return machine(
        name, new SaveLimits(1L << 30, 50_000, Duration.ofSeconds(30), 2, PATIENCE, PATIENCE));
  }

  private SavePoints machine(String name, SaveLimits limits) throws IOException {
    Path directory = Files.createDirectories(root.resolve(name));
    SavePoints made =
        new SavePoints(
            new SavePoints.Parts(
                directory,
                blobs,
                heads,
                new InMemoryWorkspaces(heads),
                InstantSource.system(),
                limits),
            counts);
    all.add(made);
    return made;
  }

  private SessionDirectory directory(String machine) {
    return SessionDirectory.of(root.resolve(machine), session);
  }

  private Path workspace(String machine) throws IOException {
    SessionDirectory directory = directory(machine);
    Files.createDirectories(directory.service());
    for (Path part : directory.agentParts()) {
      Files.createDirectories(part);
    }
    return directory.workspace();
  }

  private void save(SavePoints machine) {
    machine.ask(session);
    machine.settle(session);
  }

  /// Runs a script in the workspace of the first machine.
  private void make(String script) throws IOException {
    Path workspace = workspace("one");
    assertEquals(
        0,
        Commands.output(List.of("bash", "-c", "cd \"$1\"; " + script, "-", workspace.toString()))
            .code());
  }

  private void assertComesBack() throws IOException {
    String name = "two-" + all.size();
    assertEquals(Optional.empty(), machine(name).bring(session, OptionalInt.empty(), () -> false));
    assertEquals(listing(directory("one")), listing(directory(name)));
  }

  /// Everything that belongs to the agent: type, permissions, and content or target.
  private static String listing(SessionDirectory directory) throws IOException {
    String script =
        "cd \"$1\"; find workspace home outputs -mindepth 1 -printf '%p %y %m %l\\n' | LC_ALL=C"
            + " sort; find workspace home outputs -type f -print0 | LC_ALL=C sort -z | xargs -0 -r"
            + " sha256sum";
    return Commands.run(List.of("bash", "-c", script, "-", directory.path().toString()));
  }

  private long blobsOfSession() throws IOException {
    Path directory = root.resolve("blobs/" + session + "/workspace");
    if (Files.notExists(directory)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.count();
    }
  }

  @Test
  void what_was_saved_comes_back_on_another_machine() throws IOException {
    make(
        "mkdir -p a/b; echo 1 >a/b/f; chmod 750 a; chmod 755 a/b/f; ln -s ../x a/l; : >empty;"
            + " mkdir -m 555 closed; echo h >../home/.rc; echo o >../outputs/report");
    SavePoints one = machine("one");

    save(one);

    assertComesBack();
    assertEquals(1, counts.saves());
    assertEquals(1, counts.restorations());
  }

  @Test
  void a_call_that_changed_nothing_writes_nothing() throws IOException {
    make("echo 1 >f; mkdir d");
    SavePoints one = machine("one");
    save(one);
    long before = blobsOfSession();

    save(one);
    save(machine("one"));

    assertEquals(1, counts.saves());
    assertEquals(before, blobsOfSession());
  }

  @Test
  void changes_lie_over_each_other() throws IOException {
    SavePoints one = machine("one");
    for (String step :
        List.of(
            "mkdir -p d/e; echo 1 >d/e/f; echo 2 >g; ln -s g l",
            "rm -rf d; echo file >d; echo 3 >>g",
            "rm d l; mkdir -p d/x l; echo 4 >l/f",
            "mv l m; chmod 600 g",
            "ln -sf /etc m2; rm -rf m; ln -s m2 m")) {
      make(step);
      save(one);
      assertComesBack();
    }
    assertEquals(5, counts.saves());
    assertEquals(0, counts.failures());
  }

  @Test
  void many_small_saves_stay_few_packs_and_come_back() throws IOException {
    SavePoints one = machine("one");
    make("head -c 300000 /dev/urandom >large");
    for (int i = 0; i < 60; i++) {
      make("echo " + i + " >f" + i % 7 + "; rm -f g" + (i - 3) + "; echo x >g" + i);
      save(one);
    }

    assertComesBack();
    assertEquals(60, counts.saves());
    assertTrue(blobsOfSession() <= SaveLimits.PACKS_MAX + 1, () -> "packs: " + count());
  }

  private long count() {
    try {
      return blobsOfSession();
    } catch (IOException e) {
      return -1;
    }
  }

  @Test
  void garbage_is_written_anew() throws IOException {
    SavePoints one = machine("one");
    for (int i = 0; i < 6; i++) {
      make("head -c 3000000 /dev/urandom >large; echo kept >f");
      save(one);
    }

    assertComesBack();
    try (Stream<Path> files = Files.list(root.resolve("blobs/" + session + "/workspace"))) {
      long bytes = files.mapToLong(file -> file.toFile().length()).sum();
      assertTrue(bytes < 10_000_000, () -> "bytes: " + bytes);
    }
  }

  @Test
  void hostile_content_is_saved_or_left_out_and_hurts_nobody() throws IOException {
    Files.writeString(root.resolve("secret"), "of the machine");
    make(
        "ln -s "
            + root.resolve("secret")
            + " out; ln -s / slash; ln -s loop loop; mkfifo pipe; echo x >$'new\\nline'; echo y"
            + " >$'\\xff\\xfe'; echo z >é; echo q >'-rf *'; truncate -s 20M sparse; n=$(printf"
            + " 'n%.0s' {1..200}); (for i in {1..40}; do mkdir $n && cd $n; done; echo deep >f); ln"
            + " -s $'\\xff\\n' odd; mkdir -m 000 closed; chmod u+s \"$0\" 2>/dev/null; true");
    SavePoints one = machine("one");

    save(one);

    assertEquals(Optional.empty(), machine("two").bring(session, OptionalInt.empty(), () -> false));
    Path two = directory("two").workspace();
    assertTrue(Files.notExists(two.resolve("pipe"), LinkOption.NOFOLLOW_LINKS));
    Trees.remove(directory("one").workspace().resolve("pipe"));
    Trees.remove(directory("one").workspace().resolve("n".repeat(200)));
    Trees.remove(two.resolve("n".repeat(200)));
    assertEquals(listing(directory("one")), listing(directory("two")));
    for (Path pack : packs()) {
      assertTrue(
          !new String(Files.readAllBytes(pack), StandardCharsets.ISO_8859_1)
              .contains("of the machine"));
    }
  }

  private List<Path> packs() throws IOException {
    try (Stream<Path> files = Files.list(root.resolve("blobs/" + session + "/workspace"))) {
      return files.filter(file -> file.getFileName().toString().startsWith("pack_")).toList();
    }
  }

  @Test
  void files_that_change_all_the_time_do_not_break_a_save() throws Exception {
    Path workspace = workspace("one");
    Files.writeString(workspace.resolve("quiet"), "quiet");
    Process writer =
        new ProcessBuilder(
                "bash",
                "-c",
                "cd \"$1\"; while :; do echo $RANDOM >>log; head -c 900000 /dev/urandom >big; mkdir"
                    + " -p d; echo x >d/f; mv d e; ln -s /etc d; rm -rf d e; done",
                "-",
                workspace.toString())
            .start();
    SavePoints one = machine("one");
    for (int i = 0; i < 8; i++) {
      save(one);
    }
    writer.destroyForcibly().waitFor();
    save(one);

    assertEquals(0, counts.failures());
    assertComesBack();
  }

  @Test
  void above_a_limit_the_last_save_point_stays() throws IOException {
    SavePoints one =
        machine("one", new SaveLimits(1000, 5, Duration.ofSeconds(30), 2, PATIENCE, PATIENCE));
    make("echo small >f");
    save(one);
    make("head -c 2000 /dev/zero >large");
    save(one);
    make("rm large; touch a b c d e f g h");

    save(one);

    assertEquals(1, counts.saves());
    assertEquals(2, counts.failures());
    assertEquals(Optional.empty(), machine("two").bring(session, OptionalInt.empty(), () -> false));
    assertEquals("small\n", Files.readString(directory("two").workspace().resolve("f")));
    assertTrue(Files.notExists(directory("two").workspace().resolve("large")));
  }

  @Test
  void while_a_store_is_away_nothing_is_lost_and_the_next_save_makes_it_good() throws IOException {
    make("echo 1 >f");
    SavePoints one = machine("one");
    save(one);
    make("echo 2 >f");
    heads.broken(true);
    save(one);
    heads.broken(false);
    Path away = root.resolve("away");
    Files.move(root.resolve("blobs"), away);
    Files.createFile(root.resolve("blobs"));
    make("echo 3 >g");
    save(one);
    assertEquals(2, counts.failures());
    assertEquals(
        Optional.of(
            "The saved files of this session could not be restored, so nothing ran. Try again"
                + " later."),
        machine("three").bring(session, OptionalInt.empty(), () -> true));
    Files.delete(root.resolve("blobs"));
    Files.move(away, root.resolve("blobs"));

    save(one);

    assertComesBack();
  }

  @Test
  void a_restoration_waits_for_a_database_that_is_away() throws IOException {
    make("echo 1 >f");
    save(machine("one"));
    heads.broken(true);

    Optional<String> trouble =
        machine("two")
            .bring(
                session,
                OptionalInt.empty(),
                () -> {
                  heads.broken(false); // Back before the second attempt.
                  return false;
                });

    assertEquals(Optional.empty(), trouble);
    assertEquals(listing(directory("one")), listing(directory("two")));
  }

  @Test
  void a_restoration_does_not_wait_for_a_save_point_that_is_gone() throws IOException {
    make("echo 1 >f");
    save(machine("one"));
    Trees.remove(root.resolve("blobs"));
    Files.createDirectories(root.resolve("blobs"));

    Optional<String> trouble =
        machine("two")
            .bring(session, OptionalInt.empty(), () -> fail("it waits for what will never come"));

    assertTrue(trouble.isPresent());
  }

  @Test
  void of_two_machines_the_older_one_saves_nothing_and_is_brought_up() throws IOException {
    make("echo 1 >f");
    SavePoints one = machine("one");
    save(one);
    SavePoints two = machine("two");
    two.bring(session, OptionalInt.empty(), () -> false);
    Files.writeString(directory("two").workspace().resolve("f"), "two\n");
    save(two);
    make("echo late >f");

    save(one);

    assertEquals(1, counts.failures());
    assertFalse(one.isCurrent(session));
    assertEquals(Optional.empty(), one.bring(session, OptionalInt.empty(), () -> false));
    assertEquals("two\n", Files.readString(directory("one").workspace().resolve("f")));
    assertTrue(one.isCurrent(session));
  }

  @Test
  void a_restoration_that_was_cut_is_done_again() throws IOException {
    make("echo 1 >f; echo 2 >g");
    save(machine("one"));
    Path two = workspace("two");
    Files.createDirectories(directory("two").service().resolve("restoring/workspace/half"));
    Files.writeString(two.resolve("f"), "of an older time");

    machine("two").bring(session, OptionalInt.empty(), () -> false);

    assertEquals(listing(directory("one")), listing(directory("two")));
  }

  @Test
  void a_deleted_session_leaves_nothing() throws IOException {
    make("echo 1 >f");
    SavePoints one = machine("one");
    save(one);
    one.ask(session);

    one.remove(session);

    assertEquals(0, blobsOfSession());
    assertEquals(Optional.empty(), heads.find(session));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void random_changes_come_back(long seed) throws IOException {
    RandomGenerator random = new Random(seed);
    SavePoints one = machine("one");
    for (int i = 0; i < 30; i++) {
      StringBuilder script = new StringBuilder(":");
      for (int j = 0; j < 4; j++) {
        String parent = "d" + random.nextInt(3);
        String path = parent + "/e" + random.nextInt(3);
        script.append("; mkdir -p %s; rm -rf %s".formatted(parent, path));
        script.append(
            switch (random.nextInt(5)) {
              case 0 -> "";
              case 1 -> "; mkdir -p " + path + "/x";
              case 2 -> "; rm -rf " + parent;
              case 3 -> "; ln -s q " + path;
              default -> "; echo " + i + " >" + path;
            });
      }
      make(script.toString());
      save(one);
    }

    assertComesBack();
    assertEquals(0, counts.failures());
  }
}
