package io.steward.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.junit.jupiter.api.Test;

/// The simulated broker keeps the promises of a real one that the protocol stands on.
class SimulatedKafkaTest {
  private static final String TOPIC = "topic";
  private static final String ID = "id";
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

  private final Schedule schedule = new Schedule(1);
  private final MemberGroup group = new MemberGroup(schedule, 1);
  private final SimulatedKafka kafka = new SimulatedKafka(schedule, group, _ -> {});

  @Test
  void an_open_transaction_holds_back_what_comes_after_it() {
    int epoch = kafka.initTransactions(ID);

    kafka.append(record("open"), ID, epoch, "a");
    kafka.append(record("behind"));

    assertEquals(List.of(), read(true));
    assertEquals(List.of("open", "behind"), read(false));
  }

  @Test
  void a_marker_has_an_offset_of_its_own() {
    int epoch = kafka.initTransactions(ID);
    kafka.append(record("one"), ID, epoch, "a");

    kafka.end(ID, epoch, true);
    settle();

    assertEquals(List.of("one"), read(true));
    assertEquals(2, log().fetch(0, true, 10).position());
  }

  @Test
  void a_new_owner_of_the_id_aborts_and_fences_the_old_one() {
    int old = kafka.initTransactions(ID);
    kafka.append(record("lost"), ID, old, "a");
    Node node = new Node(schedule, "b");
    int[] fresh = new int[1];

    node.spawn("init", () -> fresh[0] = kafka.initTransactions(ID));
    settle();

    assertThrows(ProducerFencedException.class, () -> kafka.end(ID, old, true));
    kafka.append(record("kept"), ID, fresh[0], "b");
    kafka.end(ID, fresh[0], true);
    settle();
    assertEquals(List.of("kept"), read(true));
  }

  @Test
  void offsets_of_an_earlier_generation_are_refused() {
    String member = group.join();
    int generation = Objects.requireNonNull(group.poll(member)).generation();
    int epoch = kafka.initTransactions(ID);

    group.rebalance();

    assertThrows(
        CommitFailedException.class,
        () ->
            kafka.sendOffsets(Map.of(PARTITION, 3L), metadata(member, generation), ID, epoch, "a"));
  }

  @Test
  void offsets_count_when_their_transaction_is_committed() {
    String member = group.join();
    int generation = Objects.requireNonNull(group.poll(member)).generation();
    int epoch = kafka.initTransactions(ID);

    kafka.sendOffsets(Map.of(PARTITION, 3L), metadata(member, generation), ID, epoch, "a");
    kafka.end(ID, epoch, true);
    settle();

    assertEquals(3, kafka.committedOffset(MemberGroup.NAME, PARTITION));
  }

  private static ConsumerGroupMetadata metadata(String member, int generation) {
    return new ConsumerGroupMetadata(MemberGroup.NAME, generation, member, Optional.empty());
  }

  private PartitionLog log() {
    return kafka.log(TOPIC, 0);
  }

  private List<String> read(boolean committed) {
    return log().fetch(0, committed, 10).records().stream().map(ConsumerRecord::key).toList();
  }

  private void settle() {
    for (int step = 0; step < 100; step++) {
      schedule.step();
    }
  }

  private static ProducerRecord<String, byte[]> record(String key) {
    return new ProducerRecord<>(TOPIC, 0, key, new byte[0]);
  }
}
