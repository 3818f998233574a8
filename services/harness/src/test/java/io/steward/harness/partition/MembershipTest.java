package io.steward.harness.partition;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.junit.jupiter.api.Test;

class MembershipTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  private final Membership membership = new Membership();

  private static ConsumerGroupMetadata member(String id, int generation) {
    return new ConsumerGroupMetadata("harness", generation, id, Optional.empty());
  }

  @Test
  void the_first_transaction_of_a_writer_is_checked() {
    assertTrue(membership.isDue(member("a", 1), NOW));
    membership.checked(member("a", 1), NOW);
    membership.forget();
    assertTrue(membership.isDue(member("a", 1), NOW));
  }

  @Test
  void those_that_follow_are_not_for_a_while() {
    membership.checked(member("a", 1), NOW);

    assertFalse(membership.isDue(member("a", 1), NOW));
    assertFalse(
        membership.isDue(member("a", 1), NOW.plus(Membership.CHECKED_EVERY).minusMillis(1)));
    assertTrue(membership.isDue(member("a", 1), NOW.plus(Membership.CHECKED_EVERY)));
  }

  @Test
  void another_generation_or_member_is_checked() {
    membership.checked(member("a", 1), NOW);

    assertTrue(membership.isDue(member("a", 2), NOW));
    assertTrue(membership.isDue(member("b", 1), NOW));
  }

  @Test
  void a_clock_that_was_set_back_checks_sooner_rather_than_later() {
    membership.checked(member("a", 1), NOW);

    assertTrue(membership.isDue(member("a", 1), NOW.minusSeconds(1)));
  }
}
