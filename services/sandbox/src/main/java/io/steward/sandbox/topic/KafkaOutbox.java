package io.steward.sandbox.topic;

import io.steward.sandbox.call.Outbox;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.sandbox.SandboxEvent;
import io.steward.schemas.sandbox.SandboxOutput;
import io.steward.schemas.sandbox.ToolResult;
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

/// Results on `tool-results`, events on `sandbox-events`, and what nobody can read on the dead
/// letter topic. The partition is the session's.
public final class KafkaOutbox implements Outbox, AutoCloseable {
  /// The header of a dead letter that says why it is one.
  public static final String REASON_HEADER = "dead_letter_reason";

  private static final Logger LOG = Logger.getLogger(KafkaOutbox.class);
  private static final String SOURCE = "/services/sandbox";
  private static final int REQUEST_BYTES_MAX = 8 * 1024 * 1024;
  private static final Duration CLOSE_MAX = Duration.ofSeconds(2);

  private final Producer<String, byte[]> producer;
  private final RecordFormat format;
  private final InstantSource clock;

  public KafkaOutbox(String bootstrapServers, RecordFormat format, InstantSource clock) {
    Map<String, Object> configuration = new HashMap<>();
    configuration.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    configuration.put(ProducerConfig.CLIENT_ID_CONFIG, "sandbox");
    configuration.put(ProducerConfig.ACKS_CONFIG, "all");
    configuration.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    configuration.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 2L * REQUEST_BYTES_MAX);
    configuration.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, REQUEST_BYTES_MAX);
    this.producer =
        new KafkaProducer<>(configuration, new StringSerializer(), new ByteArraySerializer());
    this.format = format;
    this.clock = clock;
  }

  @Override
  public boolean send(String workspaceId, ToolResult result) {
    return sendAndWait(
        Topics.TOOL_RESULTS, result.sessionId(), ToolResult.TYPE, workspaceId, Json.bytes(result));
  }

  @Override
  public boolean publish(String workspaceId, SandboxOutput output) {
    return sendAndWait(
        Topics.SANDBOX_EVENTS,
        output.sessionId(),
        SandboxOutput.TYPE,
        workspaceId,
        Json.bytes(output));
  }

  private boolean sendAndWait(
      String topic, SessionId session, String type, String workspaceId, byte[] json) {
    try {
      var _ = producer.send(encode(topic, session, type, workspaceId, json)).get();
      return true;
    } catch (ExecutionException | KafkaException | UncheckedIOException e) {
      LOG.warnf("%s could not be sent session_id=%s: %s", type, session, e);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void announce(SandboxEvent event) {
    LOG.infof(
        "%s session_id=%s incarnation=%s driver=%s",
        event.type().wireName(), event.sessionId(), event.incarnation(), event.driver());
    try {
      var _ =
          producer.send(
              encode(
                  Topics.SANDBOX_EVENTS,
                  event.sessionId(),
                  event.type().wireName(),
                  Envelope.DEFAULT_WORKSPACE,
                  Json.bytes(event)),
              (_, failure) -> {
                if (failure != null) {
                  LOG.warnf(
                      "event could not be sent session_id=%s: %s", event.sessionId(), failure);
                }
              });
    } catch (KafkaException e) {
      LOG.warnf("event could not be sent session_id=%s: %s", event.sessionId(), e);
    }
  }

  /// Sets a record aside as it is, with the reason, and waits until it is safe.
  ///
  /// @throws KafkaException when it is not
  void setAside(ConsumerRecord<String, byte[]> record, String reason) {
    ProducerRecord<String, byte[]> letter =
        new ProducerRecord<>(
            Topics.deadLetter(record.topic()),
            null,
            record.key(),
            record.value(),
            record.headers());
    letter.headers().add(REASON_HEADER, reason.getBytes(StandardCharsets.UTF_8));
    try {
      var _ = producer.send(letter).get();
    } catch (ExecutionException e) {
      throw new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException(e);
    }
  }

  private ProducerRecord<String, byte[]> encode(
      String topic, SessionId session, String type, String workspaceId, byte[] json) {
    Envelope envelope =
        new Envelope(
            Ids.random("rec_"),
            type,
            SOURCE,
            session.value(),
            clock.instant(),
            workspaceId,
            1,
            null);
    return format.encode(topic, session.partition(), session.value(), envelope, json);
  }

  @Override
  public void close() {
    producer.close(CLOSE_MAX);
  }
}
