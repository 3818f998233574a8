package io.steward.sessionlog.project;

import static io.steward.sessionlog.Samples.ID;
import static io.steward.sessionlog.Samples.message;
import static io.steward.sessionlog.Samples.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class SessionFoldsTest {
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Session OLD = session();
  private static final Session NEW = session(new SessionRecord.EventsSent(List.of(message("a"))));

  private final SessionFolds folds = new SessionFolds(100);

  /// Stored sessions; something may happen while one is being loaded.
  private static final class Stored implements SessionFolds.Source {
    private final Session session;
    private final boolean reachable;
    private final List<Long> awaited = new ArrayList<>();
    private Runnable meanwhile = () -> {};
    private int loads;

    Stored(Session session, boolean reachable) {
      this.session = session;
      this.reachable = reachable;
    }

    @Override
    public boolean await(TopicPartition partition, long nextOffset, Duration timeout) {
      awaited.add(nextOffset);
      return reachable;
    }

    @Override
    public SessionFolds.Loaded load(SessionId id) {
      loads++;
      meanwhile.run();
      return new SessionFolds.Loaded(session, 10, 0);
    }
  }

  @Test
  void what_only_marks_what_happens_weighs_nothing() {
    byte[] json = new byte[7];

    assertEquals(7, SessionFolds.weight("model.response", json));
    assertEquals(7, SessionFolds.weight("user.message", json));
    assertEquals(7, SessionFolds.weight("agent.tool_result", json));
    assertEquals(0, SessionFolds.weight("span.model_request_end", json));
    assertEquals(0, SessionFolds.weight("session.usage", json));
  }

  @Test
  void the_newest_stays_however_large_it_is() {
    Stored stored = new Stored(OLD, true);
    folds.publish(ID, new SessionFolds.Loaded(NEW, 1_000, 0), 2);

    assertSame(NEW, folds.get(ID, stored, SOON).orElseThrow());
    assertEquals(0, stored.loads);
  }

  @Test
  void a_published_session_is_not_loaded() {
    Stored stored = new Stored(OLD, true);
    folds.publish(ID, new SessionFolds.Loaded(NEW, 10, 0), 2);

    Optional<Session> found = folds.get(ID, stored, SOON);

    assertSame(NEW, found.orElseThrow());
    assertEquals(0, stored.loads);
  }

  @Test
  void a_session_is_loaded_once_everything_that_was_folded_is_stored() {
    Stored stored = new Stored(OLD, true);
    folds.publish(
        new SessionId("sesn_0111et8vk3S5eZYpTrHeGiw4"), new SessionFolds.Loaded(NEW, 1, 0), 41);

    folds.get(ID, stored, SOON);
    folds.get(ID, stored, SOON);

    assertEquals(List.of(41L), stored.awaited);
    assertEquals(1, stored.loads);
  }

  @Test
  void what_was_published_while_loading_is_newer_than_what_was_loaded() {
    Stored stored = new Stored(OLD, true);
    stored.meanwhile = () -> folds.publish(ID, new SessionFolds.Loaded(NEW, 20, 0), 2);

    Optional<Session> found = folds.get(ID, stored, SOON);

    assertSame(NEW, found.orElseThrow());
    assertEquals(20, folds.recent(ID).orElseThrow().bytes());
  }

  @Test
  void an_unknown_session_is_absent_and_leaves_nothing_behind() {
    assertEquals(
        Session.ABSENT, folds.get(ID, new Stored(Session.ABSENT, true), SOON).orElseThrow());
    assertTrue(folds.recent(ID).isEmpty());
  }

  @Test
  void a_session_that_cannot_be_loaded_in_time_is_asked_for_again_later() {
    Optional<Session> first = folds.get(ID, new Stored(OLD, false), SOON);
    Optional<Session> second = folds.get(ID, new Stored(OLD, true), SOON);

    assertTrue(first.isEmpty());
    assertSame(OLD, second.orElseThrow());
  }

  @Test
  void the_least_recent_sessions_make_room() {
    SessionId other = new SessionId("sesn_0111et8vk3S5eZYpTrHeGiw4");
    folds.publish(ID, new SessionFolds.Loaded(OLD, 60, 0), 1);
    folds.publish(other, new SessionFolds.Loaded(OLD, 60, 0), 2);

    assertTrue(folds.recent(ID).isEmpty());
    assertTrue(folds.recent(other).isPresent());
  }
}
