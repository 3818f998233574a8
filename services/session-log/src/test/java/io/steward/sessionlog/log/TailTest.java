package io.steward.sessionlog.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class TailTest {
  private static final TopicPartition PARTITION = new TopicPartition("t", 0);
  private static final Duration SOON = Duration.ofSeconds(5);

  private final List<Long> read = Collections.synchronizedList(new ArrayList<>());

  /// A consumer that does not know its position once, after it has returned records.
  private static final class Forgetful extends MockConsumer<String, byte[]> {
    private boolean polled;
    private boolean forgot;

    Forgetful() {
      super("earliest");
    }

    @Override
    public ConsumerRecords<String, byte[]> poll(Duration timeout) {
      ConsumerRecords<String, byte[]> records = super.poll(timeout);
      polled |= !records.isEmpty();
      return records;
    }

    @Override
    public long position(TopicPartition partition) {
      if (polled && !forgot) {
        forgot = true;
        throw new TimeoutException("not now");
      }
      return super.position(partition);
    }
  }

  @Test
  void a_tail_that_never_began_lets_go_of_its_consumer() {
    MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");

    tail(consumer, _ -> {}).close();

    assertTrue(consumer.closed());
  }

  @Test
  void records_are_kept_until_the_position_behind_them_is_known() {
    try (Tail tail = tail(new Forgetful(), records -> {})) {
      tail.start();

      assertTrue(tail.positions().await(PARTITION, 2, SOON));
      assertEquals(List.of(0L, 1L), List.copyOf(read));
    }
  }

  @Test
  void a_reader_that_lost_records_is_given_them_again() throws InterruptedException {
    MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");
    CountDownLatch gone = new CountDownLatch(1);
    try (Tail tail =
        tail(
            consumer,
            records -> {
              if (gone.getCount() > 0) {
                gone.countDown();
                throw new Tail.Rewind(Map.of(PARTITION, 0L));
              }
            })) {
      tail.start();
      assertTrue(gone.await(SOON.toSeconds(), TimeUnit.SECONDS));
      add(consumer);

      assertTrue(tail.positions().await(PARTITION, 2, SOON));
      assertEquals(List.of(0L, 1L, 0L, 1L), List.copyOf(read));
    }
  }

  private interface Then {
    void run(ConsumerRecords<String, byte[]> records);
  }

  private Tail tail(MockConsumer<String, byte[]> consumer, Then then) {
    return new Tail(
        "test",
        consumer,
        Set.of(PARTITION),
        (started, partitions) -> {
          consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
          consumer.seek(PARTITION, 0);
          add(consumer);
        },
        (records, after) -> {
          records.forEach(record -> read.add(record.offset()));
          then.run(records);
        });
  }

  /// A mock forgets what it has returned.
  private static void add(MockConsumer<String, byte[]> consumer) {
    for (int offset = 0; offset < 2; offset++) {
      consumer.addRecord(new ConsumerRecord<>("t", 0, offset, "key", new byte[0]));
    }
  }
}
