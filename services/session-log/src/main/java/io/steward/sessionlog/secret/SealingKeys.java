package io.steward.sessionlog.secret;

import io.quarkus.runtime.StartupEvent;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.secret.SealingKey;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.log.KafkaClients;
import io.steward.sessionlog.log.StableOffsets;
import io.steward.sessionlog.log.Tail;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The newest public key of vault-proxy, tailed from its compacted topic.
@Singleton
class SealingKeys {
  private static final Logger LOG = Logger.getLogger(SealingKeys.class);
  private static final TopicPartition PARTITION = new TopicPartition(Topics.VAULTS, 0);

  private final RecordFormat format;
  private final StableOffsets stableOffsets;
  private final Duration barrierTimeout;
  private final Tail tail;
  private volatile @Nullable Seal newest;

  SealingKeys(
      KafkaClients clients,
      RecordFormat format,
      StableOffsets stableOffsets,
      SessionLogConfig config) {
    this.format = format;
    this.stableOffsets = stableOffsets;
    this.barrierTimeout = config.sessionLog().barrierTimeout();
    this.tail =
        new Tail(
            "sealing-keys",
            clients.consumer(),
            Set.of(PARTITION),
            (consumer, partitions) -> consumer.seekToBeginning(partitions),
            this::read);
  }

  void start(@Observes StartupEvent event) {
    tail.start();
  }

  @PreDestroy
  void stop() {
    tail.close();
  }

  /// The key to seal with. Without one, what is on the topic by now is waited for.
  ///
  /// @throws ApiException 503 when vault-proxy has not published any
  Seal newest() {
    Seal known = newest;
    if (known == null) {
      long end = stableOffsets.of(PARTITION);
      boolean _ = tail.positions().await(PARTITION, end, barrierTimeout);
      known = newest;
    }
    if (known == null) {
      throw new ApiException(
          ApiError.unavailable(
              "No secret can be taken yet: vault-proxy has not published the key to seal it with;"
                  + " try again soon."));
    }
    return known;
  }

  private void read(ConsumerRecords<String, byte[]> records, Map<TopicPartition, Long> after) {
    for (ConsumerRecord<String, byte[]> record : records) {
      if (SealingKey.RECORD_KEY.equals(record.key()) && record.value() != null) {
        take(record);
      }
    }
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    try {
      newest = Seal.of(Json.read(format.decode(record).json(), SealingKey.class));
    } catch (UnreadableRecordException | GeneralSecurityException | RuntimeException e) {
      LOG.errorf(
          "A sealing key of %s is ignored: offset %d is unreadable: %s",
          record.topic(), record.offset(), e.getMessage());
    }
  }
}
