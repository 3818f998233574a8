package io.steward.harness.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.harness.model.ReplyListener;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.progress.ProgressWatch;
import io.steward.schemas.progress.SessionProgress;
import io.steward.stage.Broker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With a real broker and a producer that has never sent anything.
class PreviewWriterIT {
  private static final TopicPartition PROGRESS = new TopicPartition(Topics.SESSION_PROGRESS, 1);

  /// The first look comes after a second. What is lost is told again after 30.
  private static final Duration SOON = ProgressWatch.REPEAT.dividedBy(2);

  @TempDir Path directory;
  private Broker broker;
  private KafkaClients clients;
  private PreviewWriter writer;

  @BeforeEach
  void start() throws Exception {
    broker = Broker.start(Files.createDirectories(directory.resolve("kafka")), 2);
    clients = new KafkaClients(broker.address(), "harness", null, Duration.ofSeconds(6));
    writer =
        new PreviewWriter(
            clients.previews(),
            new RecordFormat(new DirectoryBlobStore(directory.resolve("blobs"))),
            InstantSource.system());
  }

  @AfterEach
  void stop() {
    writer.close();
    broker.close();
  }

  @Test
  void the_first_slow_request_of_a_process_is_told_of_at_once() {
    SessionProgress told = firstTold();

    assertEquals("sevt_span", told.about());
  }

  @Test
  void it_is_told_of_although_there_is_no_topic_for_previews() throws Exception {
    try (Admin admin = clients.admin()) {
      admin.deleteTopics(List.of(Topics.SESSION_PREVIEWS)).all().get();
    }

    assertEquals("sevt_span", firstTold().about());
  }

  private SessionProgress firstTold() {
    writer.start();
    ReplyListener request = writer.request(SessionId.random(1), "sevt_span");
    request.sent();
    long giveUpNanos = System.nanoTime() + SOON.toNanos();
    try (Consumer<String, byte[]> reader = clients.reader()) {
      reader.assign(List.of(PROGRESS));
      reader.seekToBeginning(List.of(PROGRESS));
      while (true) {
        for (ConsumerRecord<String, byte[]> record : reader.poll(Duration.ofMillis(100))) {
          return Json.read(record.value(), SessionProgress.class);
        }
        assertTrue(System.nanoTime() - giveUpNanos < 0, "nothing was told within " + SOON);
      }
    }
  }
}
