package io.steward.sessionlog.project;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.schemas.kafka.Topics;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class LostPositionsTest {
  @Test
  void a_position_that_went_back_is_lost_and_one_that_moved_on_is_not() {
    Map<TopicPartition, Long> lost =
        Projection.lost(Map.of(0, 10L, 1, 10L, 2, 10L), Map.of(0, 7L, 1, 10L, 2, 12L));

    assertEquals(Map.of(new TopicPartition(Topics.SESSION_EVENTS, 0), 7L), lost);
  }

  @Test
  void a_batch_never_moves_a_position_back() {
    Batch batch =
        new Batch(List.of(), List.of(), List.of(), List.of(), List.of(), Map.of(0, 5L, 1, 5L));

    assertEquals(Map.of(0, 9L, 1, 5L), batch.notBefore(Map.of(0, 9L, 1, 3L)).after());
  }
}
