package io.steward.harness.log;

import io.steward.harness.metric.Metrics;
import io.steward.schemas.kafka.Topics;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/// Transactions of former owners that are still open in the log.
///
/// A new owner fences the former one before it reads, and the coordinator ends what that one had
/// open. But a broker that comes back after a kill may have forgotten that a partition belonged to
/// the transaction: the coordinator knows of nothing open, while the partition waits for a marker
/// that nobody will write. Reading would end before the orphan, and the next transaction of the
/// same producer would commit it (ADR 17).
public final class OrphanTransactions {
  private static final Logger LOG = Logger.getLogger(OrphanTransactions.class);

  /// The topics of which the harness writes a partition in transactions.
  private static final List<String> TOPICS =
      List.of(Topics.SESSION_EVENTS, Topics.SANDBOX_COMMANDS, Topics.EGRESS_COMMANDS);

  private static final Duration LOOK_PAUSE = Duration.ofMillis(10);

  /// How often is waited, for all topics together, before what is still open counts as orphaned:
  /// longer than a transaction may take.
  private static final int PAUSES_MAX = 400;

  private final Admin admin;
  private final LogPositions positions;
  private final Metrics metrics;

  public OrphanTransactions(Admin admin, LogPositions positions, Metrics metrics) {
    this.admin = admin;
    this.positions = positions;
    this.metrics = metrics;
  }

  /// Waits until nothing is open in the partition that was begun before, and aborts what stays
  /// open. Called by the partition's new writer, after it has fenced the former one.
  ///
  /// @return the last stable offset of `session-events`
  /// @throws KafkaException when the broker does not answer, or something had to be aborted: then
  ///   it is to be called again
  public long awaitNone(int partition) throws InterruptedException {
    List<Look> looks = TOPICS.stream().map(topic -> new Look(topic, partition)).toList();
    int pauses = 0;
    boolean aborted = false;
    for (Look look : looks) {
      while (look.isOpen() && pauses < PAUSES_MAX) {
        Thread.sleep(LOOK_PAUSE);
        pauses++;
        look.again();
      }
      if (look.isOpen()) {
        look.abort();
        aborted = true;
      }
    }
    if (aborted) {
      throw new KafkaException("orphaned transactions were aborted, asking again");
    }
    return looks.getFirst().stable();
  }

  /// One partition of one topic.
  private final class Look {
    private final TopicPartition partition;
    private final CompletableFuture<Long> end;
    private CompletableFuture<Long> asked;

    Look(String topic, int partition) {
      this.partition = new TopicPartition(topic, partition);
      this.end = positions.end(topic, partition);
      this.asked = positions.stableOffset(topic, partition);
    }

    /// Whether something is open that was begun before this partition was first looked at.
    boolean isOpen() throws InterruptedException {
      return stable() < LogPositions.await(end);
    }

    long stable() throws InterruptedException {
      return LogPositions.await(asked);
    }

    void again() {
      asked = positions.stableOffset(partition.topic(), partition.partition());
    }

    void abort() throws InterruptedException {
      long begunBefore = LogPositions.await(end);
      List<ProducerState> producers =
          LogPositions.await(
                  admin
                      .describeProducers(List.of(partition))
                      .partitionResult(partition)
                      .toCompletionStage()
                      .toCompletableFuture())
              .activeProducers();
      for (ProducerState producer : producers) {
        long begun = producer.currentTransactionStartOffset().orElse(Long.MAX_VALUE);
        if (begun < begunBefore) {
          LOG.warnf(
              "A transaction nobody knows of is aborted partition=%s offset=%d producer=%d epoch=%d",
              partition, begun, producer.producerId(), producer.producerEpoch());
          LogPositions.await(
              admin
                  .abortTransaction(
                      new AbortTransactionSpec(
                          partition,
                          producer.producerId(),
                          (short) producer.producerEpoch(),
                          producer.coordinatorEpoch().orElse(0)))
                  .all()
                  .toCompletionStage()
                  .toCompletableFuture());
          metrics.orphanAborted();
        }
      }
    }
  }
}
