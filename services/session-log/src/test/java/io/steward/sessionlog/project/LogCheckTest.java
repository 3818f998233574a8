package io.steward.sessionlog.project;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sessionlog.log.LogState;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LogCheckTest {
  private static final LogState LOG =
      new LogState("A", Map.of(0, new LogState.Reach(0, 10, 3), 1, new LogState.Reach(4, 9, 3)));

  @Test
  void a_projection_of_nothing_fits_every_log() {
    assertEquals(
        Optional.empty(), LogCheck.refusal("B", Map.of(0, 0L, 1, 0L, 2, 0L), Map.of(), LOG));
  }

  @Test
  void a_projection_that_is_behind_fits() {
    assertEquals(
        Optional.empty(), LogCheck.refusal("A", Map.of(0, 10L, 1, 4L), Map.of(0, 3, 1, 0), LOG));
  }

  @Test
  void another_topic_of_the_same_name_is_refused() {
    assertRefused("the topic session-events was made anew", "B", 1L, 0);
  }

  @Test
  void a_log_that_ends_before_the_position_is_refused() {
    assertRefused("partition 0 ends at offset 10", "A", 11L, 3);
  }

  @Test
  void a_log_of_an_earlier_leader_is_refused() {
    assertRefused("partition 0 is at leader epoch 3", "A", 5L, 4);
  }

  @Test
  void a_log_that_begins_behind_the_position_is_refused() {
    assertTrue(
        LogCheck.refusal("A", Map.of(1, 3L), Map.of(), LOG)
            .orElseThrow()
            .contains("partition 1 begins at offset 4"));
  }

  @Test
  void a_partition_that_was_read_and_is_gone_is_refused() {
    assertTrue(
        LogCheck.refusal("A", Map.of(2, 1L), Map.of(), LOG)
            .orElseThrow()
            .contains("partition 2 is not there any more"));
  }

  private static void assertRefused(String reason, String topicId, long position, int epoch) {
    String sentence =
        LogCheck.refusal(topicId, Map.of(0, position), Map.of(0, epoch), LOG).orElseThrow();
    assertTrue(sentence.contains(reason), sentence);
    assertTrue(sentence.contains("./steward reproject"), sentence);
    assertEquals(1, sentence.lines().count());
  }
}
