package io.steward.harness.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.steward.harness.decide.DecidedRecord;
import io.steward.harness.decide.Decision;
import io.steward.harness.stage.Sessions;
import io.steward.harness.stage.Stage;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.session.Session;
import io.steward.stage.Broker;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each of the two fences stops a former owner alone.
class FencesIT {
  private static final int PARTITION = 1;
  private static final TopicPartition EVENTS = new TopicPartition(Topics.SESSION_EVENTS, PARTITION);

  @TempDir static Path directory;
  private static Broker broker;

  @BeforeAll
  static void start() throws Exception {
    broker = Broker.start(directory, 2);
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void the_owner_writes() throws Exception {
    KafkaClients clients = clients("owner");
    try (Consumer<String, byte[]> member = member(clients)) {
      ConsumerGroupMetadata group = joined(member);

      assertInstanceOf(WriteResult.Committed.class, write(writer(clients), clients, group));
    }
  }

  @Test
  void whose_transactional_id_was_taken_writes_nothing_although_still_a_member() throws Exception {
    KafkaClients clients = clients("id-fence");
    try (Consumer<String, byte[]> member = member(clients)) {
      ConsumerGroupMetadata group = joined(member);
      TransactionalWriter former = writer(clients);
      writer(clients).close(Duration.ZERO);

      assertInstanceOf(WriteResult.Lost.class, write(former, clients, group));
    }
  }

  @Test
  void whose_membership_is_outdated_writes_nothing_although_the_id_is_still_its_own()
      throws Exception {
    KafkaClients clients = clients("group-fence");
    TransactionalWriter former = writer(clients);
    ConsumerGroupMetadata outdated;
    try (Consumer<String, byte[]> member = member(clients)) {
      outdated = joined(member);
    }
    try (Consumer<String, byte[]> successor = member(clients)) {
      joined(successor);

      WriteResult.Refused refused =
          assertInstanceOf(WriteResult.Refused.class, write(former, clients, outdated));

      assertEquals(false, refused.permanent());
    }
  }

  private static KafkaClients clients(String group) {
    return new KafkaClients(broker.address(), group, null, Duration.ofSeconds(6));
  }

  private static Consumer<String, byte[]> member(KafkaClients clients) {
    Consumer<String, byte[]> member = clients.member();
    member.subscribe(List.of(Topics.SESSION_EVENTS));
    return member;
  }

  private static ConsumerGroupMetadata joined(Consumer<String, byte[]> member)
      throws InterruptedException {
    Stage.await(
        "joined",
        () -> {
          member.poll(Duration.ofMillis(50));
          return member.assignment().contains(EVENTS);
        });
    return member.groupMetadata();
  }

  private static TransactionalWriter writer(KafkaClients clients) {
    Producer<String, byte[]> producer = clients.writer(PARTITION);
    producer.initTransactions();
    return new TransactionalWriter(
        producer, new RecordFormat(new DirectoryBlobStore(directory.resolve("blobs"))));
  }

  /// Writes a session, and checks that it is in the log only when that was the outcome.
  private static WriteResult write(
      TransactionalWriter writer, KafkaClients clients, ConsumerGroupMetadata group) {
    SessionId session = SessionId.random(PARTITION);
    Decision decision =
        new Decision(
            session,
            Instant.now(),
            List.of(
                new DecidedRecord(
                    Ids.random("rec_"), Sessions.created(session, "cloud", List.of()))),
            List.of(),
            List.of(),
            null,
            Session.ABSENT);
    WriteResult result =
        writer.write(List.of(decision), Map.of(EVENTS, new OffsetAndMetadata(0)), group);
    writer.close(Duration.ofSeconds(5));
    assertEquals(result instanceof WriteResult.Committed, isInLog(session, clients));
    return result;
  }

  private static boolean isInLog(SessionId session, KafkaClients clients) {
    boolean found = false;
    try (Consumer<String, byte[]> reader = clients.reader()) {
      reader.assign(List.of(EVENTS));
      reader.seekToBeginning(List.of(EVENTS));
      long end = reader.endOffsets(List.of(EVENTS)).getOrDefault(EVENTS, 0L);
      while (reader.position(EVENTS) < end) {
        for (var record : reader.poll(Duration.ofMillis(100))) {
          found |= record.key().startsWith(session.value());
        }
      }
    }
    return found;
  }
}
