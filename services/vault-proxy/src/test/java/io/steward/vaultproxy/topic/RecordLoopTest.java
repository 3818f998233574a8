package io.steward.vaultproxy.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.kafka.DeadLetter;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.RecordHandler;
import io.steward.schemas.kafka.RecordLoop;
import io.steward.schemas.kafka.RecordSender;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.stage.Broker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The loop that services share, against a broker.
@Timeout(120)
class RecordLoopTest {
  private static final String TOPIC = Topics.EGRESS_COMMANDS;
  private static final int OPEN_MAX = 4;
  private static final long PATIENCE_SECONDS = 60;

  @TempDir Path directory;
  private Broker broker;
  private RecordSender sender;
  private RecordFormat format;

  @BeforeEach
  void start() throws IOException {
    broker = Broker.start(Files.createDirectories(directory.resolve("kafka")), 1);
    sender = KafkaOutbox.sender(broker.address());
    format = new RecordFormat(new DirectoryBlobStore(directory.resolve("blobs")));
  }

  @AfterEach
  void stop() {
    sender.close();
    broker.close();
  }

  /// Tells what it is given, fails as it is told, and acknowledges nothing by itself.
  private static final class Recorder implements RecordHandler {
    private record Seen(String body, Runnable acknowledge) {}

    private final BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();
    private volatile boolean dependencyIsAway;

    @Override
    public void handle(RecordFormat.Decoded decoded, Runnable acknowledge)
        throws UnreadableRecordException {
      String body = new String(decoded.json(), StandardCharsets.UTF_8);
      seen.add(new Seen(body, acknowledge));
      if (dependencyIsAway) {
        throw new DependencyAwayException("the database", new IOException("refused"));
      }
      if (body.equals("unreadable")) {
        throw new UnreadableRecordException("the body is not a command");
      }
      if (body.equals("poison")) {
        throw new ArithmeticException("by zero");
      }
    }

    Seen next() throws InterruptedException {
      Seen next = seen.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("no record was handed over");
      }
      return next;
    }

    List<String> next(int count) throws InterruptedException {
      List<String> bodies = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        bodies.add(next().body());
      }
      return bodies;
    }
  }

  private RecordLoop loop(RecordHandler handler) {
    RecordLoop loop =
        new RecordLoop(
            new RecordLoop.Settings(broker.address(), TOPIC, "group", "instance", OPEN_MAX),
            format,
            handler,
            sender);
    loop.start();
    return loop;
  }

  private void send(String body) {
    Envelope envelope = Envelope.of("rec_" + body, "test", "/test", "subject", Instant.now());
    sender.send(format.encode(TOPIC, 0, "key", envelope, body.getBytes(StandardCharsets.UTF_8)));
  }

  private void sendOfNextVersion(String body) {
    Envelope envelope = Envelope.of("rec_" + body, "test", "/test", "subject", Instant.now());
    ProducerRecord<String, byte[]> record =
        format.encode(TOPIC, 0, "key", envelope, body.getBytes(StandardCharsets.UTF_8));
    String version = Integer.toString(RecordFormat.SCHEMA_VERSION + 1);
    record.headers().remove("ce_schemaversion");
    record.headers().add("ce_schemaversion", version.getBytes(StandardCharsets.UTF_8));
    sender.send(record);
  }

  private ConsumerRecord<String, byte[]> letter(long offset) {
    TopicPartition at = new TopicPartition(Topics.deadLetter(TOPIC), 0);
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.address()),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(at));
      consumer.seek(at, offset);
      while (true) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          return record;
        }
      }
    }
  }

  private static String reason(ConsumerRecord<String, byte[]> letter) {
    return new String(
        letter.headers().lastHeader(DeadLetter.REASON_HEADER).value(), StandardCharsets.UTF_8);
  }

  private long committed() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()))) {
      OffsetAndMetadata position =
          admin
              .listConsumerGroupOffsets("group")
              .partitionsToOffsetAndMetadata()
              .get()
              .get(new TopicPartition(TOPIC, 0));
      return position == null ? 0 : position.offset();
    }
  }

  @Test
  void a_record_that_cannot_be_handled_is_set_aside_and_the_partition_goes_on() throws Exception {
    Recorder handler = new Recorder();
    send("poison");
    send("unreadable");
    sender.send(new ProducerRecord<>(TOPIC, 0, "no envelope", new byte[] {1}));
    sender.send(new ProducerRecord<>(TOPIC, 0, "tombstone", null));
    sendOfNextVersion("from the future");
    send("fine");

    try (RecordLoop loop = loop(handler)) {
      for (int tries = 0; tries < RecordLoop.TRIES_MAX; tries++) {
        assertEquals("poison", handler.next().body());
      }
      assertEquals("unreadable", handler.next().body());
      Recorder.Seen fine = handler.next();
      assertEquals("fine", fine.body());
      assertEquals("java.lang.ArithmeticException: by zero", reason(letter(0)));
      assertEquals("poison", new String(letter(0).value(), StandardCharsets.UTF_8));
      assertEquals("the body is not a command", reason(letter(1)));
      assertEquals("the header ce_id is missing", reason(letter(2)));
      assertEquals("no envelope", letter(2).key());
      assertEquals(
          "its schema version 2 is newer than 1, the newest this version reads", reason(letter(3)));
      assertEquals(4, loop.setAside());
      assertEquals(1, loop.open());
      fine.acknowledge().run();
    }
    assertEquals(6, committed());
  }

  @Test
  void nothing_is_set_aside_while_a_dependency_is_away() throws Exception {
    Recorder handler = new Recorder();
    handler.dependencyIsAway = true;
    send("one");
    send("two");

    try (RecordLoop loop = loop(handler)) {
      for (int tries = 0; tries < 2 * RecordLoop.TRIES_MAX; tries++) {
        assertEquals("one", handler.next().body());
      }
      assertTrue(loop.isHeldUp());
      assertTrue(loop.isReading());
      handler.dependencyIsAway = false;
      Recorder.Seen seen = handler.next();
      while (seen.body().equals("one")) {
        seen = handler.next();
      }

      assertEquals("two", seen.body());
      assertEquals(0, loop.setAside());
    }
    assertEquals(0, committed(), "nothing was acknowledged");
  }

  @Test
  void what_is_open_is_bounded_and_comes_again_after_a_restart() throws Exception {
    Recorder handler = new Recorder();
    try (RecordLoop loop = loop(handler)) {
      for (int i = 0; i < OPEN_MAX; i++) {
        send("record " + i);
        handler.next().acknowledge();
      }
      send("one too many");
      assertEquals(OPEN_MAX, loop.open());
      assertEquals(null, handler.seen.poll(1, TimeUnit.SECONDS));
    }

    try (RecordLoop _ = loop(handler)) {
      assertEquals(List.of("record 0", "record 1", "record 2", "record 3"), handler.next(OPEN_MAX));
    }
  }

  @Test
  void what_was_acknowledged_before_a_close_does_not_come_again() throws Exception {
    Recorder handler = new Recorder();
    for (int round = 0; round < 5; round++) {
      try (RecordLoop _ = loop(handler)) {
        send("record " + round);
        Recorder.Seen seen = handler.next();
        assertEquals("record " + round, seen.body());
        seen.acknowledge().run();
      }
      assertEquals(round + 1, committed());
    }
  }
}
