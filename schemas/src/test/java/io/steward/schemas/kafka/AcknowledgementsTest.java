package io.steward.schemas.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class AcknowledgementsTest {
  private static final TopicPartition P = new TopicPartition("t", 0);
  private static final TopicPartition Q = new TopicPartition("t", 1);

  private final Acknowledgements acknowledgements = new Acknowledgements();

  private void add(TopicPartition partition, long... offsets) {
    for (long offset : offsets) {
      acknowledgements.add(partition, offset, 1_000 + offset);
    }
  }

  @Test
  void nothing_is_committed_past_a_record_that_is_not_done() {
    add(P, 5, 6, 9);
    acknowledgements.acknowledge(P, 6);
    acknowledgements.acknowledge(P, 9);

    assertEquals(Map.of(), acknowledgements.takeCommittable());
    assertEquals(1, acknowledgements.open());

    acknowledgements.acknowledge(P, 5);

    assertEquals(Map.of(P, new OffsetAndMetadata(10)), acknowledgements.takeCommittable());
    assertEquals(Map.of(), acknowledgements.takeCommittable());
  }

  @Test
  void partitions_are_apart_and_a_lost_one_counts_no_more() {
    add(P, 1, 2);
    add(Q, 1);
    acknowledgements.acknowledge(Q, 1);
    acknowledgements.acknowledge(Q, 1);

    assertEquals(Map.of(Q, new OffsetAndMetadata(2)), acknowledgements.takeCommittable());

    acknowledgements.forget(List.of(P));
    acknowledgements.acknowledge(P, 1);

    assertEquals(0, acknowledgements.open());
    assertEquals(Map.of(), acknowledgements.takeCommittable());
  }

  @Test
  void the_oldest_record_is_the_first_that_is_not_done() {
    assertEquals(OptionalLong.empty(), acknowledgements.oldestMillis());
    add(P, 5, 6);
    add(Q, 7);
    acknowledgements.acknowledge(P, 5);

    assertEquals(OptionalLong.of(1_006), acknowledgements.oldestMillis());

    acknowledgements.forget(List.of(P));

    assertEquals(OptionalLong.of(1_007), acknowledgements.oldestMillis());

    acknowledgements.acknowledge(Q, 7);

    assertEquals(OptionalLong.empty(), acknowledgements.oldestMillis());
  }
}
