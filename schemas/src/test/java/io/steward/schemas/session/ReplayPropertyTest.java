package io.steward.schemas.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.json.Json;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.record.SessionRecordCodec;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The laws of the fold over random histories, in which clients act while the harness is busy with
/// what it decided earlier. A failing seed is repeated with `RandomHistory.of(seed)`.
class ReplayPropertyTest {
  private static final int SEEDS = 200;
  private static final int CHECKPOINTS = 4;

  static LongStream seeds() {
    return LongStream.range(0, SEEDS);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void replay_from_any_checkpoint_equals_replay_from_the_start(long seed) {
    List<LoggedRecord> log = RandomHistory.of(seed).log();
    Session end = replay(Session.ABSENT, log);

    RandomGenerator random = new SplittableRandom(seed);
    for (int i = 0; i < CHECKPOINTS; i++) {
      int read = random.nextInt(log.size() + 1);
      Session session = replay(Session.ABSENT, log.subList(0, read));
      Session checkpoint = Json.read(Json.bytes(session), Session.class);
      assertEquals(session, checkpoint, "after " + read + " records");
      assertEquals(end, replay(checkpoint, log.subList(read, log.size())), "from " + read);
      assertEquals(end, replay(checkpoint, log), "reading again, from " + read);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void records_read_twice_change_nothing(long seed) {
    Session session = Session.ABSENT;
    for (LoggedRecord record : RandomHistory.of(seed).log()) {
      session = session.apply(record);
      assertSame(session, session.apply(record));
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void records_fold_alike_after_their_way_over_kafka(long seed) {
    Session direct = Session.ABSENT;
    Session overTheWire = Session.ABSENT;
    for (LoggedRecord record : RandomHistory.of(seed).log()) {
      SessionRecord decoded =
          SessionRecordCodec.decode(
              SessionRecordCodec.type(record.body()),
              false,
              SessionRecordCodec.json(record.body()));
      direct = direct.apply(record);
      overTheWire =
          overTheWire.apply(
              new LoggedRecord(
                  record.sessionId(), record.recordId(), record.offset(), record.time(), decoded));
    }
    assertEquals(direct, overTheWire);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void no_race_sets_a_session_aside_or_stops_it(long seed) {
    RandomHistory history = RandomHistory.of(seed);
    Story story = history.story();

    Session end = story.session();

    assertFalse(end instanceof Session.SetAside, end::toString);
    assertEquals(new Step.Rest(), story.step());
    if (end instanceof Session.Idle idle) {
      Inbox inbox = idle.facts().inbox();
      assertFalse(inbox.hasInterrupt(), inbox::toString);
      assertTrue(inbox.confirmations().isEmpty(), inbox::toString);
      assertTrue(idle.requiresAction() || idle.atBudget() || !inbox.hasMessage(), inbox::toString);
      assertEquals(Session.Status.IDLE, end.status());
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void the_conversation_is_one_a_model_accepts(long seed) {
    Session session = Session.ABSENT;
    for (LoggedRecord record : RandomHistory.of(seed).log()) {
      session = session.apply(record);
    }
    session.known().ifPresent(facts -> assertAcceptable(facts.transcript()));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void a_session_with_something_to_do_never_reads_as_idle(long seed) {
    Session session = Session.ABSENT;
    for (LoggedRecord record : RandomHistory.of(seed).log()) {
      session = session.apply(record);
      Step step = Step.next(session, Story.LIMITS);
      if (step instanceof Step.StartTurn || step instanceof Step.Resume) {
        assertEquals(Session.Status.RUNNING, session.status(), step::toString);
      }
      if (session instanceof Session.Terminated ended) {
        assertEquals(null, ended.facts().meter().runningSince());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void every_call_has_at_most_one_result_and_exactly_one_when_its_turn_ends(long seed) {
    Set<String> open = new HashSet<>();
    Set<String> closed = new HashSet<>();
    Session session = Session.ABSENT;
    for (LoggedRecord record : RandomHistory.of(seed).log()) {
      session = session.apply(record);
      if (record.body() instanceof SessionRecord.EventRecorded(SessionEvent event)) {
        switch (event) {
          case SessionEvent.AgentToolUse use -> open.add(use.id());
          case SessionEvent.AgentMcpToolUse use -> open.add(use.id());
          case SessionEvent.AgentCustomToolUse use -> open.add(use.id());
          default -> {}
        }
      }
      if (session instanceof Session.Live live) {
        for (Transcript.Entry entry : live.facts().transcript().entries()) {
          if (entry instanceof Transcript.ToolResults(var results)) {
            results.forEach(
                result -> closed.add(result.modelToolUseId().substring("toolu_".length())));
          }
        }
      }
      boolean turnOver =
          session instanceof Session.Idle idle && !idle.requiresAction() && !idle.busy();
      if (turnOver) {
        assertTrue(closed.containsAll(open), () -> open + " has calls without result: " + closed);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void times_of_events_are_never_older_than_the_newest_one_known(long seed) {
    Instant newest = Instant.MIN;
    Session session = Session.ABSENT;
    for (LoggedRecord record : RandomHistory.of(seed).log()) {
      session = session.apply(record);
      Instant known = session.known().map(SessionFacts::lastEventAt).orElse(newest);
      assertTrue(!known.isBefore(newest));
      newest = known;
    }
  }

  @Test
  void the_random_histories_reach_every_state_and_every_step() {
    Set<String> reached = new TreeSet<>();
    seeds()
        .forEach(seed -> {
          Session session = Session.ABSENT;
          for (LoggedRecord record : RandomHistory.of(seed).log()) {
            session = session.apply(record);
            reached.add(session.getClass().getSimpleName());
            reached.add(Step.next(session, Story.LIMITS).getClass().getSimpleName());
            if (session instanceof Session.Running running) {
              reached.add(running.phase().getClass().getSimpleName());
            }
          }
        });
    Set<String> expected =
        Stream.of(Session.Live.class, Step.class, Phase.class)
            .flatMap(type -> Stream.of(type.getPermittedSubclasses()))
            .map(Class::getSimpleName)
            .collect(Collectors.toCollection(TreeSet::new));
    expected.add(Session.Deleted.class.getSimpleName());
    expected.removeAll(
        Set.of(Phase.Reply.class.getSimpleName(), Step.Limits.class.getSimpleName()));
    assertEquals(expected, reached);
  }

  private static Session replay(Session from, List<LoggedRecord> records) {
    Session session = from;
    for (LoggedRecord record : records) {
      session = session.apply(record);
    }
    return session;
  }

  /// Every call of a reply is answered right behind it, in order, before anything else is said.
  private static void assertAcceptable(Transcript transcript) {
    List<Transcript.Entry> entries = transcript.entries();
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i) instanceof Transcript.ModelReply reply) {
        List<String> calls =
            reply.content().stream()
                .filter(block -> block.path("type").asText().equals("tool_use"))
                .map(block -> block.path("id").asText())
                .toList();
        boolean last = i == entries.size() - 1;
        if (!calls.isEmpty() && !last) {
          Transcript.ToolResults results = (Transcript.ToolResults) entries.get(i + 1);
          assertEquals(calls, results.results().stream().map(r -> r.modelToolUseId()).toList());
        }
      } else if (entries.get(i) instanceof Transcript.ToolResults) {
        assertTrue(entries.get(i - 1) instanceof Transcript.ModelReply);
      }
    }
  }
}
