package io.steward.schemas.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// A service's way out to Kafka, for any thread: each record at once, safe when all replicas in
/// sync have it. While Kafka does not answer, a send takes two minutes to fail, if nothing else was
/// said.
public final class RecordSender implements AutoCloseable {
  private static final Duration CLOSE_MAX = Duration.ofSeconds(2);
  private static final long BUFFER_BYTES_MIN = 4L * 1024 * 1024;

  private final Producer<String, byte[]> producer;
  private final int letterBytesMax;

  /// @param clientId names the sender to the brokers
  /// @param requestBytesMax the largest request, in bytes; a dead letter has half of it
  public RecordSender(String bootstrapServers, String clientId, int requestBytesMax) {
    this(configuration(bootstrapServers, clientId, requestBytesMax), requestBytesMax);
  }

  /// A sender that gives up earlier.
  ///
  /// @param sendMax after this, a send that is not known to be safe has failed and is not tried any
  ///   more
  public RecordSender(
      String bootstrapServers, String clientId, int requestBytesMax, Duration sendMax) {
    this(
        hurried(configuration(bootstrapServers, clientId, requestBytesMax), sendMax),
        requestBytesMax);
  }

  private RecordSender(Map<String, Object> configuration, int requestBytesMax) {
    this.producer =
        new KafkaProducer<>(configuration, new StringSerializer(), new ByteArraySerializer());
    this.letterBytesMax = requestBytesMax / 2;
  }

  private static Map<String, Object> configuration(
      String bootstrapServers, String clientId, int requestBytesMax) {
    Map<String, Object> configuration = BrokerAccess.settings();
    configuration.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    configuration.put(ProducerConfig.CLIENT_ID_CONFIG, clientId);
    configuration.put(ProducerConfig.ACKS_CONFIG, "all");
    configuration.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    configuration.put(
        ProducerConfig.BUFFER_MEMORY_CONFIG, Math.max(2L * requestBytesMax, BUFFER_BYTES_MIN));
    configuration.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, requestBytesMax);
    return configuration;
  }

  /// A third of the time is for finding the brokers, the rest for the record and one repetition.
  private static Map<String, Object> hurried(Map<String, Object> configuration, Duration sendMax) {
    int third = Math.toIntExact(sendMax.toMillis() / 3);
    configuration.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, third);
    configuration.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, third);
    configuration.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 2 * third);
    return configuration;
  }

  /// Sends a record and waits until it is safe.
  ///
  /// @throws KafkaException when it is not; it may be there all the same
  public void send(ProducerRecord<String, byte[]> record) {
    try {
      var _ = producer.send(record).get();
    } catch (ExecutionException e) {
      throw new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException(e);
    }
  }

  /// Sends a record without waiting for it, unless the buffer is full.
  ///
  /// @param sent told how it went
  /// @throws KafkaException when it cannot even be buffered
  public void send(ProducerRecord<String, byte[]> record, Callback sent) {
    var _ = producer.send(record, sent);
  }

  /// Sends a record to the dead letter topic of its topic and waits until it is safe.
  ///
  /// @throws KafkaException when it is not
  public void setAside(ConsumerRecord<String, byte[]> record, String reason) {
    send(DeadLetter.of(record, reason, letterBytesMax));
  }

  @Override
  public void close() {
    producer.close(CLOSE_MAX);
  }
}
