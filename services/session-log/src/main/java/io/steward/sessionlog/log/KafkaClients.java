package io.steward.sessionlog.log;

import io.steward.schemas.kafka.BrokerAccess;
import jakarta.inject.Singleton;
import java.util.HashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// Makes Kafka clients. Consumers are members of no group, assign themselves, and never see what a
/// transaction did not commit.
@Singleton
public class KafkaClients {
  private static final int FETCH_BYTES_MAX = 4 * 1024 * 1024;
  private static final int PARTITION_FETCH_BYTES_MAX = 1024 * 1024;
  private static final int POLL_RECORDS_MAX = 500;
  private static final int PRODUCER_MEMORY_BYTES = 16 * 1024 * 1024;
  private static final int PRODUCER_BATCH_BYTES = 64 * 1024;
  private static final int REQUEST_MILLIS_MAX = 10_000;
  private static final int CALL_MILLIS_MAX = 10_000;

  private final String bootstrapServers;

  public KafkaClients(@ConfigProperty(name = "kafka.bootstrap.servers") String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
  }

  /// A consumer for one thread.
  public Consumer<String, byte[]> consumer() {
    return consumer(new Properties());
  }

  /// A consumer for one thread that commits what it has read under the name `group`. It is no
  /// member of that group: it assigns itself, as every replica does, and nobody waits for a
  /// rebalance.
  public Consumer<String, byte[]> consumer(String group) {
    Properties properties = new Properties();
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    return consumer(properties);
  }

  /// A consumer for one thread that is told when what it should read next is not on the log, or not
  /// what it was: it does not begin again by itself.
  public Consumer<String, byte[]> strictConsumer() {
    Properties properties = new Properties();
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    return consumer(properties);
  }

  /// For questions about topics; for all threads.
  public Admin admin() {
    Properties properties = new Properties();
    properties.putAll(BrokerAccess.settings());
    properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    properties.put(
        AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, Integer.toString(REQUEST_MILLIS_MAX));
    properties.put(
        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Integer.toString(CALL_MILLIS_MAX));
    return Admin.create(properties);
  }

  private Consumer<String, byte[]> consumer(Properties properties) {
    properties.putIfAbsent(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    // A topic made by whoever asks for it has the broker's number of partitions.
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    properties.putAll(BrokerAccess.settings());
    properties.putAll(
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            "read_committed",
            ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG,
            Integer.toString(REQUEST_MILLIS_MAX),
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            "false",
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            Integer.toString(POLL_RECORDS_MAX),
            ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
            Integer.toString(FETCH_BYTES_MAX),
            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
            Integer.toString(PARTITION_FETCH_BYTES_MAX)));
    // A broker that is there but never answers must not hold up the end of this service.
    properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Integer.toString(CALL_MILLIS_MAX));
    return new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
  }

  /// A producer for all threads. A fifth of the time is for finding the partition and a place in
  /// the buffer.
  ///
  /// @param sendMillisMax how long a send may take to be acknowledged, from 100
  public Producer<String, byte[]> producer(long sendMillisMax) {
    long blockMillisMax = sendMillisMax / 5;
    long deliveryMillisMax = sendMillisMax - blockMillisMax;
    Properties properties = new Properties();
    properties.putAll(BrokerAccess.settings());
    properties.putAll(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
            ProducerConfig.ACKS_CONFIG, "all",
            ProducerConfig.LINGER_MS_CONFIG, "0",
            ProducerConfig.BATCH_SIZE_CONFIG, Integer.toString(PRODUCER_BATCH_BYTES),
            ProducerConfig.BUFFER_MEMORY_CONFIG, Integer.toString(PRODUCER_MEMORY_BYTES),
            ProducerConfig.MAX_BLOCK_MS_CONFIG, Long.toString(blockMillisMax),
            ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Long.toString(deliveryMillisMax / 2),
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Long.toString(deliveryMillisMax)));
    return new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
  }

  /// The partitions of a topic.
  public static Set<TopicPartition> partitions(String topic, int count) {
    Set<TopicPartition> partitions = new HashSet<>();
    for (int partition = 0; partition < count; partition++) {
      partitions.add(new TopicPartition(topic, partition));
    }
    return partitions;
  }
}
