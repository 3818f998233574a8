package io.steward.sandbox.save;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every store of the newest save points owes.
abstract class HeadsContract {
  private static final Heads.Head FIRST = new Heads.Head(1, "key-1");
  private static final Heads.Head SECOND = new Heads.Head(2, "key-2");

  private SessionId session = SessionId.random(0);

  @BeforeEach
  void takeAnotherSession() {
    session = SessionId.random(0);
  }

  abstract Heads heads();

  @Test
  void a_session_without_save_points_has_no_newest() throws IOException {
    assertEquals(Optional.empty(), heads().find(session));
  }

  @Test
  void the_newest_advances_from_the_one_that_is_expected() throws IOException {
    assertTrue(heads().advance(session, Optional.empty(), FIRST));
    assertTrue(heads().advance(session, Optional.of(FIRST), SECOND));

    assertEquals(Optional.of(SECOND), heads().find(session));
  }

  @Test
  void it_does_not_advance_from_another() throws IOException {
    assertFalse(heads().advance(session, Optional.of(FIRST), SECOND));
    assertTrue(heads().advance(session, Optional.empty(), FIRST));

    assertFalse(heads().advance(session, Optional.empty(), SECOND));
    assertFalse(heads().advance(session, Optional.of(SECOND), SECOND));

    assertEquals(Optional.of(FIRST), heads().find(session));
  }

  @Test
  void of_many_who_advance_one_does() throws IOException {
    assertTrue(heads().advance(session, Optional.empty(), FIRST));

    long advanced =
        LongStream.range(2, 18)
            .parallel()
            .filter(number -> advance(new Heads.Head(number, "key-" + number)))
            .count();

    assertEquals(1, advanced);
  }

  private boolean advance(Heads.Head next) {
    try {
      return heads().advance(session, Optional.of(FIRST), next);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void a_session_that_is_removed_starts_over() throws IOException {
    assertTrue(heads().advance(session, Optional.empty(), FIRST));

    heads().remove(session);

    assertEquals(Optional.empty(), heads().find(session));
    assertTrue(heads().advance(session, Optional.empty(), SECOND));
  }
}
