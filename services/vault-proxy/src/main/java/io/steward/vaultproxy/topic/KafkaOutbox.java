package io.steward.vaultproxy.topic;

import io.steward.schemas.egress.RepositoryResult;
import io.steward.schemas.id.Ids;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.secret.SealingKey;
import io.steward.vaultproxy.repository.Results;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jboss.logging.Logger;

/// Results on `tool-results`, in the session's partition; the public key on `vaults`; what nobody
/// can read on the dead letter topic.
public final class KafkaOutbox implements Results, AutoCloseable {
  /// The header of a dead letter that says why it is one.
  public static final String REASON_HEADER = "dead_letter_reason";

  private static final Logger LOG = Logger.getLogger(KafkaOutbox.class);
  private static final String SOURCE = "/services/vault-proxy";
  private static final int REQUEST_BYTES_MAX = 1024 * 1024;
  private static final int LETTER_BYTES_MAX = REQUEST_BYTES_MAX / 2;
  private static final Duration CLOSE_MAX = Duration.ofSeconds(2);

  private final Producer<String, byte[]> producer;
  private final RecordFormat format;
  private final InstantSource clock;

  public KafkaOutbox(String bootstrapServers, RecordFormat format, InstantSource clock) {
    Map<String, Object> configuration = new HashMap<>();
    configuration.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    configuration.put(ProducerConfig.CLIENT_ID_CONFIG, "vault-proxy");
    configuration.put(ProducerConfig.ACKS_CONFIG, "all");
    configuration.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    configuration.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 4L * REQUEST_BYTES_MAX);
    configuration.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, REQUEST_BYTES_MAX);
    this.producer =
        new KafkaProducer<>(configuration, new StringSerializer(), new ByteArraySerializer());
    this.format = format;
    this.clock = clock;
  }

  @Override
  public boolean send(String workspaceId, RepositoryResult result) {
    Envelope envelope =
        new Envelope(
            Ids.random("rec_"),
            RepositoryResult.TYPE,
            SOURCE,
            result.sessionId().value(),
            clock.instant(),
            workspaceId,
            1,
            null);
    try {
      await(
          format.encode(
              Topics.TOOL_RESULTS,
              result.sessionId().partition(),
              result.sessionId().value(),
              envelope,
              Json.bytes(result)));
      return true;
    } catch (KafkaException | UncheckedIOException e) {
      LOG.warnf("result could not be sent session_id=%s: %s", result.sessionId(), e);
      return false;
    }
  }

  /// Publishes the key to seal with, and waits until it is safe.
  ///
  /// @throws KafkaException when it is not
  void publish(SealingKey key) {
    Envelope envelope =
        Envelope.of(
            Ids.random("rec_"), SealingKey.TYPE, SOURCE, SealingKey.RECORD_KEY, clock.instant());
    await(format.encode(Topics.VAULTS, -1, SealingKey.RECORD_KEY, envelope, Json.bytes(key)));
  }

  /// Sets a record aside as it is, with the reason, and waits until it is safe. A body that is too
  /// large to send is left out.
  ///
  /// @throws KafkaException when it is not
  void setAside(ConsumerRecord<String, byte[]> record, String reason) {
    boolean whole = record.value().length <= LETTER_BYTES_MAX;
    ProducerRecord<String, byte[]> letter =
        new ProducerRecord<>(
            Topics.deadLetter(record.topic()),
            null,
            record.key(),
            whole ? record.value() : new byte[0],
            record.headers());
    letter.headers().add(REASON_HEADER, reason.getBytes(StandardCharsets.UTF_8));
    await(letter);
  }

  private void await(ProducerRecord<String, byte[]> record) {
    try {
      var _ = producer.send(record).get();
    } catch (ExecutionException e) {
      throw new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException(e);
    }
  }

  @Override
  public void close() {
    producer.close(CLOSE_MAX);
  }
}
