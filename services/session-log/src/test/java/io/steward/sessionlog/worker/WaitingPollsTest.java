package io.steward.sessionlog.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WaitingPollsTest {
  private static final long LONG = Duration.ofSeconds(20).toNanos();

  private final WaitingPolls polls = new WaitingPolls(3);

  @Test
  void what_comes_wakes_a_poll_that_waits_also_when_it_came_just_before() throws Exception {
    try (WaitingPolls.Waiter waiter = enter("env_1")) {
      CompletableFuture<Boolean> woken = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> woken.complete(waiter.await(LONG)));

      polls.wake("env_1");

      assertTrue(woken.get(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void each_thing_wakes_one_poll_of_its_environment_in_order() {
    try (WaitingPolls.Waiter first = enter("env_1");
        WaitingPolls.Waiter second = enter("env_1");
        WaitingPolls.Waiter other = enter("env_2")) {
      polls.wake("env_1");

      assertFalse(second.await(0));
      assertFalse(other.await(0));
      assertTrue(first.await(0));
      assertFalse(first.await(0));
      polls.wake("env_1");
      assertTrue(second.await(0));
    }
  }

  @Test
  void a_wake_up_nobody_used_goes_to_the_next() {
    try (WaitingPolls.Waiter second = later()) {
      assertTrue(second.await(0));
    }
  }

  /// A poll behind one that was woken and ended without looking.
  private WaitingPolls.Waiter later() {
    try (WaitingPolls.Waiter _ = enter("env_1")) {
      WaitingPolls.Waiter second = enter("env_1");
      polls.wake("env_1");
      return second;
    }
  }

  @Test
  void only_so_many_wait_and_nothing_is_left_of_those_who_did() {
    for (int round = 0; round < 3; round++) {
      try (WaitingPolls.Waiter _ = enter("env_1");
          WaitingPolls.Waiter _ = enter("env_1");
          WaitingPolls.Waiter _ = enter("env_2")) {
        assertTrue(polls.enter("env_3").isEmpty());
        polls.wake("env_1");
      }
      assertEquals(0, polls.count());
    }
  }

  private WaitingPolls.Waiter enter(String environment) {
    return polls.enter(environment).orElseThrow();
  }
}
