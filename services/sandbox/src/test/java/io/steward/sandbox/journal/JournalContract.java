package io.steward.sandbox.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.ToolResult;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What every journal owes.
abstract class JournalContract {
  private static final Instant T0 = Instant.parse("2026-11-20T10:00:00Z");
  private static final Instant T1 = T0.plusSeconds(1);
  private static final Instant T2 = T0.plusSeconds(2);

  private final String owner = Ids.random("owner_");
  private final Journal.Call call = call(SessionId.random(1));

  abstract Journal journal();

  private Journal.Call call(SessionId session) {
    return new Journal.Call(Ids.random("sevt_"), session, "wrkspc_default", owner);
  }

  private static ToolResult result(Journal.Call call, String text) {
    return new ToolResult(
        call.sessionId(),
        call.toolUseId(),
        ToolResult.Outcome.FAILED,
        true,
        List.of(new ContentBlock.Text(text)),
        17);
  }

  @Test
  void an_unknown_call_starts_once() {
    assertEquals(Optional.empty(), journal().find(call.toolUseId()));

    assertTrue(journal().start(call, "sbx_1", T0));
    assertFalse(journal().start(call, "sbx_2", T1));

    Journal.Entry.Started started = new Journal.Entry.Started(call, "sbx_1", T0);
    assertEquals(Optional.of(started), journal().find(call.toolUseId()));
    assertEquals(List.of(started), journal().started(owner));
  }

  @Test
  void started_calls_of_a_session_are_known_whoever_has_them() {
    Journal.Call ended = call(call.sessionId());
    assertTrue(journal().start(call, "sbx_1", T0));
    assertTrue(journal().start(ended, "sbx_1", T0));
    assertTrue(journal().finish(result(ended, "x"), T1));
    assertTrue(journal().start(call(SessionId.random(1)), "sbx_2", T0));

    assertEquals(
        List.of(new Journal.Entry.Started(call, "sbx_1", T0)),
        journal().startedOf(call.sessionId()));
  }

  @Test
  void of_many_who_start_a_call_one_does() {
    long started =
        IntStream.range(0, 16)
            .parallel()
            .filter(i -> journal().start(call, "sbx_" + i, T0))
            .count();

    assertEquals(1, started);
  }

  @Test
  void a_started_call_finishes_once() {
    journal().start(call, "sbx_1", T0);

    assertTrue(journal().finish(result(call, "first é \"\\"), T1));
    assertFalse(journal().finish(result(call, "second"), T2));

    Journal.Entry.Finished finished =
        new Journal.Entry.Finished(call, result(call, "first é \"\\"));
    assertEquals(Optional.of(finished), journal().find(call.toolUseId()));
    assertEquals(List.of(), journal().started(owner));
  }

  @Test
  void a_call_that_was_refused_never_starts() {
    assertTrue(journal().finishUnstarted(call, result(call, "canceled"), T0));

    assertFalse(journal().start(call, "sbx_1", T1));
    assertFalse(journal().finishUnstarted(call, result(call, "again"), T1));
    assertEquals(
        Optional.of(new Journal.Entry.Finished(call, result(call, "canceled"))),
        journal().find(call.toolUseId()));
  }

  @Test
  void a_started_call_cannot_be_refused() {
    journal().start(call, "sbx_1", T0);

    assertFalse(journal().finishUnstarted(call, result(call, "canceled"), T1));
  }

  @Test
  void a_result_is_unanswered_until_it_is_answered() {
    journal().finishUnstarted(call, result(call, "x"), T0);

    assertEquals(List.of(), journal().unanswered(owner, T0));
    assertEquals(
        List.of(new Journal.Entry.Finished(call, result(call, "x"))),
        journal().unanswered(owner, T1));
    assertEquals(List.of(), journal().unanswered("someone else", T1));

    journal().answered(call.toolUseId());

    assertEquals(List.of(), journal().unanswered(owner, T1));
    assertEquals(
        Optional.of(new Journal.Entry.Finished(call, result(call, "x"))),
        journal().find(call.toolUseId()));
  }

  @Test
  void calls_of_a_silent_owner_are_abandoned_and_of_one_that_lives_are_not() {
    Journal.Call ended = call(SessionId.random(1));
    journal().seen(owner);
    journal().start(call, "sbx_1", T0);
    journal().finishUnstarted(ended, result(ended, "x"), T0);

    assertEquals(List.of(), of(journal().abandoned("other", Duration.ofHours(1))));
    assertEquals(List.of(), of(journal().abandoned(owner, Duration.ofMillis(-1000))));
    assertEquals(List.of(call, ended), of(journal().abandoned("other", Duration.ofMillis(-1000))));
  }

  @Test
  void an_owner_that_was_never_seen_is_silent_since_its_call_started() {
    journal().start(call, "sbx_1", Instant.now().minusSeconds(60));

    assertEquals(List.of(call), of(journal().abandoned("other", Duration.ofSeconds(30))));
    assertEquals(List.of(), of(journal().abandoned("other", Duration.ofSeconds(90))));
  }

  private List<Journal.Call> of(List<Journal.Entry> entries) {
    return entries.stream()
        .map(Journal.Entry::call)
        .filter(found -> found.owner().equals(owner))
        .sorted(Comparator.comparing(found -> !found.equals(call)))
        .toList();
  }

  @Test
  void a_forgotten_session_keeps_its_ids_only() {
    Journal.Call other = call(SessionId.random(1));
    journal().finishUnstarted(call, result(call, "x"), T0);
    journal().finishUnstarted(other, result(other, "y"), T0);

    journal().forget(call.sessionId());

    assertEquals(Optional.of(new Journal.Entry.Forgotten(call)), journal().find(call.toolUseId()));
    assertFalse(journal().start(call, "sbx_1", T1));
    assertEquals(
        Optional.of(new Journal.Entry.Finished(other, result(other, "y"))),
        journal().find(other.toolUseId()));
  }

  @Test
  void only_old_answered_calls_are_removed() {
    Journal.Call open = call(SessionId.random(1));
    Journal.Call young = call(SessionId.random(1));
    journal().finishUnstarted(call, result(call, "x"), T0);
    journal().answered(call.toolUseId());
    journal().finishUnstarted(open, result(open, "x"), T0);
    journal().finishUnstarted(young, result(young, "x"), T2);
    journal().answered(young.toolUseId());

    assertEquals(1, journal().removeOld(T1));

    assertEquals(Optional.empty(), journal().find(call.toolUseId()));
    assertTrue(journal().find(open.toolUseId()).isPresent());
    assertTrue(journal().find(young.toolUseId()).isPresent());
  }
}
