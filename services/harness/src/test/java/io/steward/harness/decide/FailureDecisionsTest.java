package io.steward.harness.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session.Running;
import io.steward.schemas.session.Step;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FailureDecisionsTest {
  private static Decision failed(
      Given given, ModelFailure.Kind kind, @Nullable Duration retryAfter, long seed) {
    return new FailureDecisions(given::id, Given.LIMITS, new Random(seed))
        .failed(
            (Running) given.session,
            ((Step.AwaitModel) given.next()).spanId(),
            new ModelOutcome.Failed(
                new ModelFailure(kind, "It failed.", retryAfter), RequestUsage.NONE),
            Given.NOW);
  }

  private static Duration delay(Decision decision) {
    return decision.records().stream()
        .map(DecidedRecord::body)
        .filter(SessionRecord.RetryScheduled.class::isInstance)
        .map(body -> Duration.between(Given.NOW, ((SessionRecord.RetryScheduled) body).retryAt()))
        .findFirst()
        .orElseThrow();
  }

  private static ErrorDetail error(Decision decision) {
    return Given.events(decision, SessionEvent.SessionError.class).getFirst().error();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void the_wait_doubles_less_up_to_half_by_chance(long seed) {
    Given given = Given.cloudSession().asked();
    Decision first = failed(given, ModelFailure.Kind.OVERLOADED, null, seed);
    given.readBack(first);
    Decision again = given.steps.retry(given.live(), Given.NOW);

    Decision second = failed(given.readBack(again), ModelFailure.Kind.OVERLOADED, null, seed);

    assertTrue(delay(first).toMillis() >= 250 && delay(first).toMillis() <= 500);
    assertTrue(delay(second).toMillis() >= 500 && delay(second).toMillis() <= 1000);
  }

  @Test
  void a_provider_that_names_a_time_is_not_asked_sooner() {
    Given given = Given.cloudSession().asked();

    Decision decision = failed(given, ModelFailure.Kind.RATE_LIMITED, Duration.ofSeconds(7), 1);

    assertEquals(Duration.ofSeconds(7), delay(decision));
    assertInstanceOf(Step.AwaitRetry.class, given.readBack(decision).next());
  }

  @Test
  void a_provider_cannot_ask_for_more_than_the_limit() {
    Given given = Given.cloudSession().asked();

    Decision decision = failed(given, ModelFailure.Kind.RATE_LIMITED, Duration.ofHours(7), 1);

    assertEquals(Given.LIMITS.retryAfterMax(), delay(decision));
  }

  @Test
  void the_last_attempt_ends_the_turn() {
    Given given = Given.cloudSession().asked();
    for (int attempt = 1; attempt < Given.LIMITS.modelAttemptsMax(); attempt++) {
      given.readBack(failed(given, ModelFailure.Kind.UNAVAILABLE, null, 1));
      given.readBack(given.steps.retry(given.live(), Given.NOW));
    }

    Decision last = failed(given, ModelFailure.Kind.UNAVAILABLE, null, 1);

    assertEquals(ErrorDetail.Kind.EXHAUSTED, error(last).retryStatus().type());
    assertInstanceOf(Step.Rest.class, given.readBack(last).next());
  }

  @Test
  void a_refused_request_is_not_repeated_and_discards_what_was_queued() {
    Given given = Given.cloudSession().asked().said("queued");

    Decision decision = failed(given, ModelFailure.Kind.REFUSED, null, 1);

    assertEquals(ErrorDetail.Kind.EXHAUSTED, error(decision).retryStatus().type());
    assertInstanceOf(Step.Rest.class, given.readBack(decision).next());
  }

  @Test
  void billing_has_its_own_error() {
    Given given = Given.cloudSession().asked();

    Decision decision = failed(given, ModelFailure.Kind.BILLING, null, 1);

    assertEquals("billing_error", error(decision).type());
  }
}
