package io.steward.sessionlog.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.quarkus.runtime.StartupEvent;
import io.steward.schemas.agent.Agent;
import io.steward.schemas.agent.Environment;
import io.steward.schemas.agent.EnvironmentKey;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.vault.VaultHead;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.SessionLogMetrics;
import io.steward.sessionlog.log.KafkaClients;
import io.steward.sessionlog.log.StableOffsets;
import io.steward.sessionlog.log.Tail;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Agents, environments with the keys of their workers, and vaults, tailed from their compacted
/// topics. A reader waits until everything that was on the topics when it asked is here.
@Singleton
public class Catalog {
  private static final Logger LOG = Logger.getLogger(Catalog.class);
  private static final Set<TopicPartition> PARTITIONS =
      Set.of(
          new TopicPartition(Topics.AGENTS, 0),
          new TopicPartition(Topics.ENVIRONMENTS, 0),
          new TopicPartition(Topics.VAULTS, 0));

  private final StableOffsets stableOffsets;
  private final SessionLogMetrics metrics;
  private final Duration barrierTimeout;
  private final CatalogTables tables = new CatalogTables();
  private final CatalogRecords records;
  private final Tail tail;

  Catalog(
      KafkaClients clients,
      RecordFormat format,
      StableOffsets stableOffsets,
      SessionLogMetrics metrics,
      SessionLogConfig config) {
    this.records = new CatalogRecords(tables, format);
    this.metrics = metrics;
    this.stableOffsets = stableOffsets;
    this.barrierTimeout = config.sessionLog().barrierTimeout();
    this.tail =
        new Tail(
            "catalog",
            clients.consumer(),
            PARTITIONS,
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

  /// Whether the topics are being read.
  public boolean running() {
    return tail.running();
  }

  /// Waits until everything that is on the topics now can be found here.
  ///
  /// @throws ApiException 503 when that takes too long
  public void barrier() {
    Map<TopicPartition, Long> ends = stableOffsets.of(PARTITIONS);
    for (TopicPartition partition : PARTITIONS) {
      if (!tail.positions().await(partition, ends.getOrDefault(partition, 0L), barrierTimeout)) {
        throw new ApiException(
            ApiError.unavailable(
                "Agents, environments and vaults are not read yet; try again soon."));
      }
    }
  }

  /// An agent; `archived_at` is the agent's, whichever version it is.
  ///
  /// @param version null for the newest
  public Optional<Agent> agent(String id, @Nullable Integer version) {
    return tables.agent(id, version);
  }

  /// An environment.
  public Optional<Environment> environment(String id) {
    return tables.environment(id);
  }

  /// The key with this hash, unless it is revoked. As all answers here, it is of now only behind
  /// [#barrier()].
  ///
  /// @param sha256Hex of the whole key in UTF-8, as 64 lower-case hex digits
  public Optional<EnvironmentKey> environmentKey(String sha256Hex) {
    return tables.environmentKey(sha256Hex);
  }

  /// A vault of the workspace.
  public Optional<VaultHead> vault(String id) {
    return tables.vault(id).filter(vault -> Envelope.DEFAULT_WORKSPACE.equals(vault.workspaceId()));
  }

  private void read(ConsumerRecords<String, byte[]> polled, Map<TopicPartition, Long> after) {
    for (ConsumerRecord<String, byte[]> record : polled) {
      try {
        records.take(record);
      } catch (UnreadableRecordException e) {
        ignore(record, e);
      } catch (UncheckedIOException e) {
        if (blobsAreAway(e)) {
          throw new DependencyAwayException("the blob store", e);
        }
        ignore(record, e);
      } catch (RuntimeException e) {
        ignore(record, e);
      }
    }
  }

  /// A blob that is gone, or JSON that is none, is the record's own fault.
  private static boolean blobsAreAway(UncheckedIOException failure) {
    return !(failure.getCause() instanceof NoSuchFileException
        || failure.getCause() instanceof JsonProcessingException);
  }

  private void ignore(ConsumerRecord<String, byte[]> record, Exception failure) {
    LOG.errorf(
        "A record of %s is ignored: offset %d is unreadable: %s",
        record.topic(), record.offset(), failure);
    metrics.unreadable(record.topic());
  }
}
