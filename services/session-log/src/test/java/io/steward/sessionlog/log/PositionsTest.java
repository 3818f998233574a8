package io.steward.sessionlog.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class PositionsTest {
  private static final TopicPartition PARTITION = new TopicPartition("t", 0);
  private final Positions positions = new Positions();

  @Test
  void a_position_never_goes_back() {
    positions.advance(PARTITION, 7);
    positions.advance(PARTITION, 3);

    assertEquals(7, positions.of(PARTITION));
  }

  @Test
  void who_waits_is_woken_when_the_position_is_reached() throws InterruptedException {
    Thread mover =
        Thread.ofVirtual()
            .start(() -> {
              positions.advance(PARTITION, 1);
              positions.advance(PARTITION, 2);
            });

    boolean reached = positions.await(PARTITION, 2, Duration.ofSeconds(5));

    mover.join();
    assertTrue(reached);
  }

  @Test
  void who_waits_too_long_is_told_so() {
    assertFalse(positions.await(PARTITION, 1, Duration.ofMillis(5)));
  }
}
