package io.steward.schemas.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.schemas.event.Budget;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.json.Json;
import io.steward.schemas.record.SessionRecord;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A session with a budget; every reply costs ten cents. Source: contract/core.md §5.6, §5.10,
/// contract/events.md §4.1.
class BudgetTest {
  private static Story story(long cents, Reply... replies) {
    return Story.of(Wire.created(Wire.CLOUD, Wire.budget(cents), List.of())).answering(replies);
  }

  /// A turn whose second request would go beyond the budget.
  private static Story stopped() {
    return story(10, new Reply.Calls(Reply.allowed("t1")), new Reply.Says("Done."))
        .sent(Wire.message("m1"))
        .settled();
  }

  private static Story raised(Story story, @Nullable Budget budget) {
    return story.record(
        new SessionRecord.UpdateRequested(
            null,
            null,
            null,
            budget == null ? JsonNodeFactory.instance.nullNode() : Json.tree(budget),
            story.now()));
  }

  @Test
  void the_budget_stops_a_turn_before_its_next_request() {
    Story story = stopped();

    assertEquals(new StopReason.BudgetReached(), story.idle().stopReason());
    assertTrue(story.idle().midTurn());
    assertEquals("10", Objects.requireNonNull(cost(story)).toString());
    assertEquals(Session.Status.IDLE, story.session().status());
  }

  @Test
  void the_thread_of_a_turn_that_ended_by_itself_says_so() {
    Story story = story(10, new Reply.Says("Done.")).sent(Wire.message("m1")).settled();

    assertEquals(new StopReason.BudgetReached(), story.idle().stopReason());
    assertTrue(!story.idle().midTurn());
    SessionEvent.SessionThreadStatusIdle thread =
        story.log().stream()
            .map(record -> record.body())
            .filter(SessionRecord.EventRecorded.class::isInstance)
            .map(body -> ((SessionRecord.EventRecorded) body).event())
            .filter(SessionEvent.SessionThreadStatusIdle.class::isInstance)
            .map(SessionEvent.SessionThreadStatusIdle.class::cast)
            .toList()
            .getLast();
    assertEquals(new StopReason.EndTurn(), thread.stopReason());
  }

  @Test
  void a_raised_budget_goes_on_with_the_turn_by_itself() {
    Story story = raised(stopped(), Wire.budget(100));

    assertEquals(Session.Status.RUNNING, story.session().status());
    assertEquals(new StopReason.EndTurn(), story.settled().idle().stopReason());
  }

  @Test
  void a_removed_budget_goes_on_too_and_cannot_come_back() {
    Story story = raised(stopped(), null).settled();

    assertNull(story.facts().budget());
    assertEquals(new StopReason.EndTurn(), story.idle().stopReason());
    raised(story, Wire.budget(100));
    assertTrue(Objects.requireNonNull(story.facts().lastRequest()).refusal() != null);
    assertNull(story.facts().budget());
  }

  @Test
  void a_budget_that_is_not_above_the_cost_is_refused() {
    Story story = raised(stopped(), Wire.budget(10));

    assertTrue(Objects.requireNonNull(story.facts().lastRequest()).refusal() != null);
    assertEquals(Session.Status.IDLE, story.session().status());
  }

  @Test
  void messages_are_refused_at_the_budget_and_interrupts_are_not_stored() {
    Story story = stopped();

    assertInstanceOf(
        Admission.Refused.class, Admission.of(story.session(), List.of(Wire.message("m2"))));
    assertInstanceOf(
        Admission.Refused.class, Admission.of(story.session(), List.of(Wire.system("s2"))));
    Admission.Admitted admitted =
        assertInstanceOf(
            Admission.Admitted.class, Admission.of(story.session(), List.of(Wire.interrupt("i2"))));
    assertEquals(1, admitted.echoes().size());
    assertEquals(List.of(), admitted.append());
  }

  @Test
  void a_queued_message_waits_for_a_raised_budget() {
    Story story =
        story(10, new Reply.Says("Done."), new Reply.Says("Done too."))
            .sent(Wire.message("m1"), Wire.message("m2"))
            .settled();

    assertTrue(story.facts().inbox().hasMessage());
    assertEquals(Session.Status.IDLE, story.session().status());
    assertTrue(!raised(story, Wire.budget(500)).settled().facts().inbox().hasMessage());
  }

  @Test
  void questions_for_the_client_come_before_the_budget() {
    Story story =
        story(10, new Reply.Calls(Reply.asked("t1")), new Reply.Says("Done."))
            .sent(Wire.message("m1"))
            .settled();

    assertEquals(new StopReason.RequiresAction(List.of("t1")), story.idle().stopReason());
    story.sent(Wire.allow("t1")).settled();
    assertEquals(new StopReason.BudgetReached(), story.idle().stopReason());
  }

  @Test
  void an_interrupted_turn_does_not_come_back_with_a_raised_budget() {
    Story story =
        story(10, new Reply.Calls(Reply.allowed("t1")))
            .sent(Wire.message("m1"))
            .performed()
            .performed()
            .sent(Wire.interrupt("i1"))
            .settled();

    assertEquals(new StopReason.BudgetReached(), story.idle().stopReason());
    assertTrue(!story.idle().midTurn());
    assertEquals(Session.Status.IDLE, raised(story, Wire.budget(500)).session().status());
    assertEquals(new Step.Rest(), story.settled().step());
  }

  @Test
  void an_interrupt_behind_a_raised_budget_stops_the_turn_that_goes_on() {
    Story story = raised(stopped(), Wire.budget(500)).sent(Wire.interrupt("i2")).settled();

    assertEquals(new StopReason.EndTurn(), story.idle().stopReason());
    assertTrue(!story.facts().inbox().hasInterrupt());
    assertTrue(!story.idle().midTurn());
  }

  private static @Nullable String cost(Story story) {
    var cost = story.facts().meter().usageAt(story.now()).listCost();
    return cost == null ? null : cost.amount();
  }
}
