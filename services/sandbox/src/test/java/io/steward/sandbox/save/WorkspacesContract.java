package io.steward.sandbox.save;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every store of uses owes.
abstract class WorkspacesContract {
  static final Duration KEPT = Duration.ofDays(30);
  private static final int MANY = 1000;
  private static final Heads.Head NEWEST = new Heads.Head(3, "key-3");

  private SessionId session = SessionId.random(0);

  @BeforeEach
  void takeAnotherSession() {
    session = SessionId.random(0);
  }

  abstract Workspaces workspaces();

  abstract Heads heads();

  /// `session` used its files that long ago.
  abstract void age(SessionId session, Duration time);

  private void unusedFor(Duration time) throws IOException {
    workspaces().use(session);
    assertTrue(heads().advance(session, Optional.empty(), NEWEST));
    age(session, time);
  }

  @Test
  void files_in_use_stay() throws IOException {
    unusedFor(KEPT.minusHours(1));

    assertFalse(workspaces().unused(KEPT, MANY).contains(session));
    assertEquals(Optional.empty(), workspaces().remove(session, KEPT));
    assertEquals(Optional.of(NEWEST), heads().find(session));
  }

  @Test
  void unused_files_are_given_up_once() throws IOException {
    unusedFor(KEPT.plusDays(1));
    assertTrue(workspaces().unused(KEPT, MANY).contains(session));

    long removed = IntStream.range(0, 8).parallel().filter(_ -> remove().isPresent()).count();

    assertEquals(1, removed);
    assertEquals(Optional.empty(), heads().find(session));
    assertFalse(workspaces().unused(KEPT, MANY).contains(session));
    assertEquals(0L, workspaces().leftovers(MANY).get(session));
    workspaces().cleared(session);
    assertFalse(workspaces().leftovers(MANY).containsKey(session));
    assertFalse(workspaces().unused(KEPT, MANY).contains(session));
  }

  private Optional<Workspaces.Removed> remove() {
    try {
      return workspaces().remove(session, KEPT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void what_is_given_up_is_told() throws IOException {
    unusedFor(KEPT.plusDays(1));

    Workspaces.Removed removed = remove().orElseThrow();

    assertEquals(0, removed.generation());
    assertEquals(Optional.of(NEWEST), removed.newest());
    assertEquals(new Workspaces.Use(1, OptionalInt.of(31)), workspaces().use(session));
    workspaces().told(session);
    assertEquals(new Workspaces.Use(1, OptionalInt.empty()), workspaces().use(session));
  }

  @Test
  void a_use_in_the_last_moment_keeps_the_files() throws IOException {
    unusedFor(KEPT.plusDays(1));

    workspaces().use(session);

    assertEquals(Optional.empty(), workspaces().remove(session, KEPT));
  }

  @Test
  void sandboxes_that_live_keep_the_files() throws IOException {
    unusedFor(KEPT.plusDays(1));

    workspaces().using(List.of(session));

    assertEquals(Optional.empty(), workspaces().remove(session, KEPT));
  }

  @Test
  void a_session_nobody_knows_counts_as_used_now() throws IOException {
    assertEquals(Map.of(session, 0L), workspaces().know(List.of(session)));

    assertEquals(Optional.empty(), workspaces().remove(session, KEPT));
    age(session, KEPT.plusDays(1));
    assertEquals(Map.of(session, 0L), workspaces().know(List.of(session)));
    assertTrue(remove().isPresent());
  }

  @Test
  void a_forgotten_session_starts_over() throws IOException {
    unusedFor(KEPT.plusDays(1));
    assertTrue(remove().isPresent());
    assertEquals(1, workspaces().generation(session));

    workspaces().forget(session);

    assertEquals(0, workspaces().generation(session));
    assertEquals(new Workspaces.Use(0, OptionalInt.empty()), workspaces().use(session));
  }
}
