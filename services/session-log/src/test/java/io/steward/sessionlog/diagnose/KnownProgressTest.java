package io.steward.sessionlog.diagnose;

import static io.steward.sessionlog.Samples.T0;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.progress.SessionProgress;
import io.steward.schemas.progress.SessionProgress.Activity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class KnownProgressTest {
  private static final SessionId ONE = SessionId.random(0);
  private static final SessionId OTHER = SessionId.random(1);
  private static final Duration YEAR = Duration.ofDays(365);

  private Instant now = T0;
  private final KnownProgress known = new KnownProgress(3, () -> now);

  @Test
  void what_is_not_repeated_in_time_is_over() {
    SessionProgress told = told(ONE, "sevt_a", T0);
    known.add(told);

    now = T0.plus(Heard.HOLDS).minusMillis(1);
    assertEquals(List.of(told), of(ONE));
    now = T0.plus(Heard.HOLDS);
    assertEquals(List.of(), of(ONE));
  }

  @Test
  void a_writer_with_a_wrong_clock_changes_nothing_of_what_others_told() {
    SessionProgress fine = told(ONE, "sevt_a", T0);
    SessionProgress ahead = told(OTHER, "sevt_b", T0.plus(YEAR));
    SessionProgress behind = told(OTHER, "sevt_c", T0.minus(YEAR));

    known.add(fine);
    known.add(ahead);
    known.add(behind);

    assertEquals(List.of(fine), of(ONE));
    assertEquals(List.of(ahead, behind), of(OTHER));
    now = T0.plus(Heard.HOLDS);
    known.add(fine);
    assertEquals(List.of(fine), of(ONE));
    assertEquals(List.of(), of(OTHER));
  }

  @Test
  void what_was_told_before_this_replica_listened_holds_from_then_on() {
    SessionProgress recent = told(ONE, "sevt_a", T0.minusSeconds(50));
    known.addOld(recent, T0.minusSeconds(40));
    known.addOld(told(ONE, "sevt_b", T0.minus(YEAR)), T0.minus(Heard.HOLDS));
    SessionProgress ahead = told(OTHER, "sevt_c", T0.plus(YEAR));
    known.addOld(ahead, T0.plus(YEAR));

    assertEquals(List.of(recent), of(ONE));
    assertEquals(List.of(ahead), of(OTHER));
    now = T0.minusSeconds(40).plus(Heard.HOLDS);
    assertEquals(List.of(), of(ONE));
    assertEquals(List.of(ahead), of(OTHER));
    now = T0.plus(Heard.HOLDS);
    assertEquals(List.of(), of(OTHER));
  }

  @Test
  void the_newest_about_each_thing_counts_and_the_oldest_are_forgotten_above_the_limit() {
    SessionProgress first = told(ONE, "sevt_a", T0);
    SessionProgress again = told(ONE, "sevt_a", T0.plusSeconds(1));
    known.add(first);
    known.add(told(ONE, "sevt_b", T0));
    known.add(again);
    assertEquals(2, of(ONE).size());

    known.add(told(OTHER, "sevt_c", T0));
    known.add(told(OTHER, "sevt_d", T0));

    assertEquals(List.of(again), of(ONE));
    assertEquals(2, of(OTHER).size());
  }

  private List<SessionProgress> of(SessionId session) {
    return known.of(session).stream().map(Heard::progress).toList();
  }

  private static SessionProgress told(SessionId session, String about, Instant since) {
    return new SessionProgress(session, about, Activity.CALL_RUNNING, since, null);
  }
}
