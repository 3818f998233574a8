package io.steward.sandbox.save;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Unused files go everywhere, used ones nowhere, on as many machines as there are.
@Timeout(60)
class RetentionTest {
  private static final Duration KEPT = Duration.ofDays(30);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir(cleanup = CleanupMode.NEVER)
  Path root;

  private final SessionId session = SessionId.random(0);
  private final InMemoryHeads heads = new InMemoryHeads();
  private final InMemoryWorkspaces workspaces = new InMemoryWorkspaces(heads);
  private final SaveCounts counts = new SaveCounts();
  private final Set<SessionId> live = new HashSet<>();
  private final List<SavePoints> all = new ArrayList<>();

  /// One instance of the service.
  private record Machine(SavePoints saves, Retention retention, SessionDirectory directory) {
    void write(String text) throws IOException {
      Files.createDirectories(directory.service());
      for (Path part : directory.agentParts()) {
        Files.createDirectories(part);
      }
      Files.writeString(directory.workspace().resolve("file"), text);
    }

    boolean hasFile() {
      return Files.exists(directory.workspace().resolve("file"));
    }
  }

  @AfterEach
  void remove() throws IOException {
    all.forEach(SavePoints::close);
    Trees.remove(root);
  }

  private Machine machine(String name, Optional<Duration> kept) throws IOException {
    Path directory = Files.createDirectories(root.resolve(name));
    BlobStore blobs = new DirectoryBlobStore(root.resolve("blobs"));
    SavePoints.Parts parts =
        new SavePoints.Parts(
            directory,
            blobs,
            heads,
            workspaces,
            InstantSource.system(),
            new SaveLimits(1L << 30, 50_000, PATIENCE, 2, PATIENCE, PATIENCE));
    SavePoints saves = new SavePoints(parts, counts);
    all.add(saves);
    return new Machine(
        saves,
        new Retention(saves, parts, kept, () -> Set.copyOf(live)),
        SessionDirectory.of(directory, session));
  }

  private Machine machine(String name) throws IOException {
    return machine(name, Optional.of(KEPT));
  }

  private void bring(Machine machine) {
    assertEquals(
        Optional.empty(), machine.saves().bring(session, OptionalInt.empty(), () -> false));
  }

  private void save(Machine machine) {
    machine.saves().ask(session);
    machine.saves().settle(session);
  }

  private boolean hasBlobs() {
    return Files.exists(root.resolve("blobs/" + session + "/workspace"));
  }

  private Machine saved() throws IOException {
    Machine one = machine("one");
    bring(one);
    one.write("old");
    save(one);
    assertTrue(hasBlobs());
    return one;
  }

  @Test
  void unused_files_are_removed_with_their_save_points() throws IOException {
    Machine one = saved();
    workspaces.pass(KEPT.plusDays(1));

    one.retention().round();

    assertFalse(Files.exists(one.directory().path()));
    assertFalse(hasBlobs());
    assertEquals(Optional.empty(), heads.find(session));
    assertEquals(1, counts.removals());
    one.retention().round();
    assertEquals(1, counts.removals());
  }

  @Test
  void files_that_were_used_in_time_stay() throws IOException {
    Machine one = saved();
    workspaces.pass(KEPT.minusDays(1));
    bring(one);
    workspaces.pass(KEPT.minusDays(1));

    one.retention().round();

    assertTrue(one.hasFile());
    assertTrue(hasBlobs());
  }

  @Test
  void files_of_a_sandbox_that_lives_stay() throws IOException {
    Machine one = saved();
    workspaces.pass(KEPT.plusDays(1));
    live.add(session);

    one.retention().round();

    assertTrue(one.hasFile());
    assertTrue(hasBlobs());
  }

  @Test
  void files_are_kept_for_ever_when_told_so() throws IOException {
    bring(saved());
    workspaces.pass(KEPT.multipliedBy(100));
    Machine other = machine("two", Optional.empty());

    other.retention().round();

    assertTrue(hasBlobs());
  }

  @Test
  void a_session_that_comes_back_gets_fresh_files_and_is_told_once() throws IOException {
    Machine one = saved();
    Machine two = machine("two");
    bring(two);
    assertTrue(two.hasFile());
    workspaces.pass(KEPT.plusDays(1));
    one.retention().round();

    bring(two);

    assertFalse(two.hasFile());
    assertEquals(
        Optional.of(
            "[This is a fresh workspace: the earlier one was removed after 31 days without use.]"),
        two.saves().takeNotice(session));
    assertEquals(Optional.empty(), two.saves().takeNotice(session));
    bring(machine("three"));
    assertEquals(Optional.empty(), machine("three").saves().takeNotice(session));
  }

  @Test
  void what_is_saved_afterwards_is_not_taken_for_what_was_left_over() throws IOException {
    Machine one = saved();
    workspaces.pass(KEPT.plusDays(1));
    long generation = workspaces.remove(session, KEPT).orElseThrow().generation();
    bring(one);
    assertFalse(one.hasFile());
    one.write("new");
    save(one);

    one.saves().removeBlobs(session, generation);

    assertFalse(hasBlobs());
    Machine two = machine("two");
    bring(two);
    assertEquals("new", Files.readString(two.directory().workspace().resolve("file")));
  }

  @Test
  void a_removal_that_was_cut_is_finished_by_the_next_round() throws IOException {
    Machine one = saved();
    Machine two = machine("two");
    workspaces.pass(KEPT.plusDays(1));
    assertTrue(workspaces.remove(session, KEPT).isPresent());
    assertTrue(hasBlobs());

    two.retention().round();
    one.retention().round();

    assertFalse(hasBlobs());
    assertFalse(Files.exists(one.directory().path()));
  }

  @Test
  void a_directory_without_save_points_is_kept_as_long() throws IOException {
    Machine one = machine("one");
    one.write("never saved");
    one.retention().round();
    assertTrue(one.hasFile());
    workspaces.pass(KEPT.plusDays(1));

    one.retention().round();

    assertFalse(Files.exists(one.directory().path()));
  }

  @Test
  void a_deleted_session_leaves_nothing_of_any_generation() throws IOException {
    Machine one = saved();
    workspaces.pass(KEPT.plusDays(1));
    one.retention().round();
    bring(one);
    one.write("new");
    save(one);

    one.saves().remove(session);

    assertFalse(Files.exists(root.resolve("blobs/" + session + "/workspace-1")));
    assertEquals(0, workspaces.generation(session));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0d", "30", "12h", "-1d", "100000d", "for ever"})
  void a_time_that_is_none_is_refused(String text) {
    assertEquals(
        "sandbox.workspace-kept must be a number of days from 1d to 99999d, or forever, got "
            + text,
        assertThrows(IllegalArgumentException.class, () -> Retention.parse(text)).getMessage());
  }

  @Test
  void days_and_for_ever_are_times() {
    assertEquals(Optional.of(KEPT), Retention.parse("30d"));
    assertEquals(Optional.empty(), Retention.parse("forever"));
  }
}
