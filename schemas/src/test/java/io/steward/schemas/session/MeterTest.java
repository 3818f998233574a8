package io.steward.schemas.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.CumulativeUsage;
import io.steward.schemas.event.Evaluation;
import io.steward.schemas.event.Money;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.StopReason;
import io.steward.schemas.model.ListPrices;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What a session has used: tokens and running time.
class MeterTest {
  private static final Instant T0 = Wire.START.plusSeconds(100);

  @Test
  void a_new_session_has_used_nothing() {
    Meter meter = Story.created().facts().meter();

    assertEquals(Meter.zero(Wire.PRICES), meter);
    assertEquals(CumulativeUsage.NONE.with(0, new Money("0", Money.USD)), meter.usageAt(T0));
  }

  @Test
  void tokens_of_all_requests_add_up() {
    Story story =
        Story.created()
            .answering(new Reply.Calls(Reply.allowed("t1")), new Reply.Says("Done."))
            .sent(Wire.message("m1"))
            .settled();

    CumulativeUsage usage = story.facts().meter().usage();
    assertEquals(20, usage.inputTokens());
    assertEquals(10, usage.outputTokens());
    assertEquals(4, usage.cacheReadInputTokens());
    assertEquals(new CumulativeUsage.CacheCreation(6, 0), usage.cacheCreation());
  }

  @Test
  void searches_that_were_answered_add_up_and_failed_ones_do_not() {
    Story story = Story.created().sent(Wire.message("m1")).performed();
    CumulativeUsage before = story.facts().meter().usage();

    story.recorded(
        use("t1", "web_search", story),
        use("t2", "web_search", story),
        use("t3", "web_search", story),
        use("t4", "web_fetch", story),
        result("t1", false, story),
        result("t2", null, story),
        result("t3", true, story),
        result("t4", false, story));

    assertNull(before.serverToolUse());
    assertEquals(
        new CumulativeUsage.ServerToolUse(2, 0), story.facts().meter().usage().serverToolUse());
  }

  @Test
  void searches_cost_what_the_session_was_created_with() {
    ListPrices prices =
        new ListPrices(
            BigDecimal.ZERO,
            BigDecimal.ZERO,
            BigDecimal.ZERO,
            BigDecimal.ZERO,
            BigDecimal.ZERO,
            new BigDecimal("10"));

    Meter three = Meter.zero(prices).plusSearch().plusSearch().plusSearch();

    assertEquals(0, new BigDecimal("0.03").compareTo(three.costAt(T0)));
    assertEquals(new Money("3", Money.USD), three.usageAt(T0).listCost());
    assertEquals(0, Meter.zero(null).plusSearch().costAt(T0).signum());
  }

  private static SessionEvent use(String id, String name, Story story) {
    return new SessionEvent.AgentToolUse(
        id,
        name,
        Wire.input(),
        Evaluation.Permission.ALLOW,
        new Evaluation.AlwaysAllow(),
        story.now());
  }

  private static SessionEvent result(String id, @Nullable Boolean isError, Story story) {
    return new SessionEvent.AgentToolResult(
        id + "r", id, List.of(new ContentBlock.Text("x")), isError, story.now());
  }

  @Test
  void running_time_counts_while_it_runs() {
    Story story = Story.created().recorded(new SessionEvent.SessionStatusRunning("e1", T0));

    Meter meter = story.facts().meter();

    assertEquals(1.5, meter.usageAt(T0.plusMillis(1500)).activeSeconds());
    assertEquals(0, meter.usage().activeSeconds());
    assertEquals(true, meter.everRan());
    assertEquals(false, meter.everIdled());
  }

  @Test
  void running_time_stops_at_idle_and_goes_on_with_the_next_turn() {
    Story story =
        Story.created()
            .recorded(
                new SessionEvent.SessionStatusRunning("e1", T0),
                idle("e2", T0.plusMillis(250)),
                new SessionEvent.SessionStatusRunning("e3", T0.plusSeconds(50)),
                idle("e4", T0.plusSeconds(51)));

    Meter meter = story.facts().meter();

    assertEquals(1.25, meter.usageAt(T0.plusSeconds(1000)).activeSeconds());
    assertNull(meter.runningSince());
    assertEquals(true, meter.everIdled());
  }

  @Test
  void running_time_does_not_count_while_rescheduling() {
    Story story =
        Story.created()
            .recorded(
                new SessionEvent.SessionStatusRunning("e1", T0),
                new SessionEvent.SessionStatusRescheduled("e2", T0.plusSeconds(1)),
                new SessionEvent.SessionStatusRunning("e3", T0.plusSeconds(9)));

    Meter meter = story.facts().meter();

    assertEquals(2.0, meter.usageAt(T0.plusSeconds(10)).activeSeconds());
    assertEquals(false, meter.everIdled());
  }

  @Test
  void running_time_stops_when_the_session_fails() {
    Story story =
        Story.created()
            .recorded(
                new SessionEvent.SessionStatusRunning("e1", T0),
                new SessionEvent.SessionStatusTerminated("e2", T0.plusSeconds(3)));

    assertEquals(3.0, story.facts().meter().usageAt(T0.plusSeconds(1000)).activeSeconds());
  }

  @Test
  void saying_running_twice_does_not_start_the_time_again() {
    Story story =
        Story.created()
            .recorded(
                new SessionEvent.SessionStatusRunning("e1", T0),
                new SessionEvent.SessionStatusRunning("e2", T0.plusSeconds(5)));

    assertEquals(6.0, story.facts().meter().usageAt(T0.plusSeconds(6)).activeSeconds());
  }

  @Test
  void a_clock_that_went_back_adds_no_negative_time() {
    Meter meter = Meter.zero(null).started(T0);

    assertEquals(0, meter.usageAt(T0.minusSeconds(5)).activeSeconds());
  }

  private static SessionEvent idle(String id, Instant at) {
    return new SessionEvent.SessionStatusIdle(id, new StopReason.EndTurn(), null, at);
  }
}
