package io.steward.harness.log;

import io.steward.schemas.kafka.BrokerAccess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/// Makes Kafka clients with the settings the harness relies on.
///
/// @param group the consumer group of the harness
/// @param instance the name this instance keeps when it is started again, or null: its successor
///   then gets its partitions at once instead of after the session timeout
/// @param sessionTimeout silence after which another instance takes over
public record KafkaClients(
    String bootstrapServers, String group, @Nullable String instance, Duration sessionTimeout) {
  // Also how long the client waits for an answer to its wish to join, before it asks again.
  private static final int POLL_INTERVAL_MS_MAX = 30_000;
  private static final int HEARTBEATS_PER_SESSION = 6;
  private static final int TRANSACTION_TIMEOUT_MS = 3000;
  private static final int REQUEST_TIMEOUT_MS = 3000;
  private static final int DELIVERY_TIMEOUT_MS = 5000;
  private static final int BLOCK_MS_MAX = 8000;
  private static final int WRITER_BUFFER_BYTES = 8 * 1024 * 1024;
  private static final int WRITER_REQUEST_BYTES_MAX = 4 * 1024 * 1024;
  private static final int WRITER_RETRY_MS = 2;
  private static final int WRITER_LINGER_MS = 50;
  private static final int FETCH_BYTES_MAX = 8 * 1024 * 1024;
  private static final int PREVIEW_BUFFER_BYTES = 4 * 1024 * 1024;
  private static final Duration PREVIEW_IDLE_MAX = Duration.ofDays(1000);
  private static final int POLL_RECORDS_MAX = 1000;
  private static final int RECONNECT_MS = 50;
  private static final int RECONNECT_MS_MAX = 1000;
  private static final String READ_COMMITTED = "read_committed";

  /// How often the group hears from us.
  public Duration heartbeat() {
    return sessionTimeout.dividedBy(HEARTBEATS_PER_SESSION);
  }

  /// A client for questions about positions.
  public Admin admin() {
    Map<String, Object> settings = common();
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MS);
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MS);
    return Admin.create(settings);
  }

  /// A member of the group, for `session-events`.
  public Consumer<String, byte[]> member() {
    Map<String, Object> settings = consumer();
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    settings.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int) sessionTimeout.toMillis());
    settings.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, POLL_INTERVAL_MS_MAX);
    settings.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, (int) heartbeat().toMillis());
    settings.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    if (instance != null) {
      settings.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, instance);
    }
    return checked(settings);
  }

  /// A reader of partitions it is told, for the sibling topics.
  public Consumer<String, byte[]> reader() {
    return checked(consumer());
  }

  /// A writer of one partition's transactions; they are not initialised yet.
  public Producer<String, byte[]> writer(int partition) {
    Map<String, Object> settings = producer();
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, group + "-" + partition);
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MS);
    // How soon it is asked again whether the transaction before has its markers, that of this owner
    // or of a former one: the second of a turn begins a millisecond after the first.
    settings.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, WRITER_RETRY_MS);
    // The records of a transaction go together when it is committed, which does not wait for this.
    settings.put(ProducerConfig.LINGER_MS_CONFIG, WRITER_LINGER_MS);
    return new KafkaProducer<>(settings);
  }

  /// A writer of questions.
  public Producer<String, byte[]> questions() {
    return new KafkaProducer<>(producer());
  }

  /// A writer of previews and progress: it never blocks, not even to learn about a topic, each of
  /// which it must be made to learn once and does not forget. A full buffer is a failed send.
  public Producer<String, byte[]> previews() {
    Map<String, Object> settings = producer();
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 0);
    settings.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, PREVIEW_IDLE_MAX.toMillis());
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, PREVIEW_BUFFER_BYTES);
    return new KafkaProducer<>(settings);
  }

  private Map<String, Object> common() {
    Map<String, Object> settings = BrokerAccess.settings();
    settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    settings.put(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, RECONNECT_MS);
    settings.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, RECONNECT_MS_MAX);
    // Both cost time for each of the writers of a take-over, and nobody looks at them.
    settings.put(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, List.of());
    settings.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
    return settings;
  }

  private Map<String, Object> consumer() {
    Map<String, Object> settings = common();
    settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class);
    settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, READ_COMMITTED);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES_MAX);
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS_MAX);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return settings;
  }

  private Map<String, Object> producer() {
    Map<String, Object> settings = common();
    settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
    settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, WRITER_BUFFER_BYTES);
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, WRITER_REQUEST_BYTES_MAX);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MS);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MS);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MS_MAX);
    return settings;
  }

  /// Whoever reads what a transaction has not committed acts on what never happened.
  private static Consumer<String, byte[]> checked(Map<String, Object> settings) {
    if (!READ_COMMITTED.equals(settings.get(ConsumerConfig.ISOLATION_LEVEL_CONFIG))) {
      throw new IllegalStateException("a consumer of the harness must be read_committed");
    }
    return new KafkaConsumer<>(settings);
  }
}
