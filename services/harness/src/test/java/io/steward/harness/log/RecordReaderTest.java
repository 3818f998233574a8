package io.steward.harness.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.steward.harness.metric.Metrics;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.record.SessionRecordCodec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordReaderTest {
  @TempDir Path directory;

  /// A store that does not answer the first times.
  private record AwayAtFirst(BlobStore behind, int[] failuresLeft) implements BlobStore {
    @Override
    public byte[] get(String key) throws IOException {
      if (failuresLeft[0]-- > 0) {
        throw new IOException("the store is away");
      }
      return behind.get(key);
    }

    @Override
    public void put(String key, byte[] bytes) throws IOException {
      behind.put(key, bytes);
    }

    @Override
    public long put(String key, InputStream content) throws IOException {
      return behind.put(key, content);
    }

    @Override
    public void copy(String from, String to) throws IOException {
      behind.copy(from, to);
    }

    @Override
    public InputStream open(String key) throws IOException {
      return behind.open(key);
    }

    @Override
    public void delete(String key) throws IOException {
      behind.delete(key);
    }

    @Override
    public void deleteAll(String prefix) throws IOException {
      behind.deleteAll(prefix);
    }
  }

  @Test
  void a_large_record_is_read_once_the_blob_store_is_back_and_counts_with_its_body() {
    BlobStore blobs = new AwayAtFirst(new DirectoryBlobStore(directory), new int[] {6});

    Reading reading = reader(blobs).event(large(blobs));

    int bytes = assertInstanceOf(Reading.Logged.class, reading).bytes();
    assertTrue(bytes > RecordFormat.INLINE_BYTES_MAX, "it counts as " + bytes);
  }

  @Test
  void a_record_whose_body_is_gone_is_unreadable() throws IOException {
    BlobStore blobs = new DirectoryBlobStore(directory);
    ConsumerRecord<String, byte[]> record = large(blobs);
    blobs.deleteAll(
        new String(record.headers().lastHeader("ce_subject").value(), StandardCharsets.UTF_8));

    Reading reading = reader(blobs).event(record);

    assertEquals(
        "its body is not in the blob store",
        assertInstanceOf(Reading.Unreadable.class, reading).reason());
  }

  private static RecordReader reader(BlobStore blobs) {
    return new RecordReader(
        new RecordFormat(blobs),
        new DeadLetters(
            new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer()),
            new Metrics(new SimpleMeterRegistry(), ModelCatalog.shipped())));
  }

  private static ConsumerRecord<String, byte[]> large(BlobStore blobs) {
    SessionId session = SessionId.random(0);
    SessionRecord body =
        new SessionRecord.EventsSent(
            List.of(
                new SessionEvent.UserMessage(
                    Ids.random("sevt_"),
                    List.of(new ContentBlock.Text("x".repeat(300_000))),
                    null)));
    Envelope envelope =
        Envelope.of(
            Ids.random("rec_"),
            SessionRecordCodec.type(body),
            "/test",
            session.value(),
            Instant.now());
    ProducerRecord<String, byte[]> written =
        new RecordFormat(blobs).encodeSession(session, envelope, body);
    ConsumerRecord<String, byte[]> record =
        new ConsumerRecord<>(written.topic(), 0, 7, written.key(), written.value());
    written.headers().forEach(record.headers()::add);
    return record;
  }
}
