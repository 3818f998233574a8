package io.steward.harness.log;

import io.steward.harness.decide.DecidedRecord;
import io.steward.harness.decide.Decision;
import io.steward.harness.decide.DecisionTrace;
import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.record.SessionRecordCodec;
import io.steward.schemas.sandbox.SandboxCommand;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;

/// Writes outcomes of steps to the log, fenced twice: by the partition's transactional id and by
/// our membership in the group. One transaction at a time.
public final class TransactionalWriter {
  private static final String SOURCE = "/services/harness";

  private final Producer<String, byte[]> producer;
  private final RecordFormat format;

  /// @param producer with its transactions initialised
  public TransactionalWriter(Producer<String, byte[]> producer, RecordFormat format) {
    this.producer = producer;
    this.format = format;
  }

  /// Writes all of `decisions` or nothing. Blocks until it is known which.
  ///
  /// @param positions to commit with them, or none: only with positions is the membership checked
  public WriteResult write(
      List<Decision> decisions,
      Map<TopicPartition, OffsetAndMetadata> positions,
      ConsumerGroupMetadata group) {
    try {
      producer.beginTransaction();
      Map<SessionId, Future<RecordMetadata>> last = new HashMap<>();
      for (Decision decision : decisions) {
        send(decision, last);
      }
      if (!positions.isEmpty()) {
        producer.sendOffsetsToTransaction(positions, group);
      }
      producer.commitTransaction();
      Map<SessionId, Long> offsets = new HashMap<>();
      for (Map.Entry<SessionId, Future<RecordMetadata>> sent : last.entrySet()) {
        offsets.put(sent.getKey(), sent.getValue().get().offset());
      }
      return new WriteResult.Committed(offsets);
    } catch (TimeoutException e) {
      return new WriteResult.Lost(e);
    } catch (KafkaException | UncheckedIOException | IllegalStateException e) {
      return aborted(e);
    } catch (ExecutionException e) {
      return new WriteResult.Lost(new KafkaException(e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new WriteResult.Lost(new KafkaException(e));
    }
  }

  private WriteResult aborted(RuntimeException cause) {
    try {
      producer.abortTransaction();
      return new WriteResult.Refused(cause, isPermanent(cause));
    } catch (KafkaException | IllegalStateException e) {
      e.addSuppressed(cause);
      return new WriteResult.Lost(e);
    }
  }

  private static boolean isPermanent(Throwable cause) {
    return cause instanceof RecordTooLargeException
        || cause instanceof SerializationException
        || (cause.getCause() != null && isPermanent(cause.getCause()));
  }

  private void send(Decision decision, Map<SessionId, Future<RecordMetadata>> last) {
    SessionId session = decision.sessionId();
    DecisionTrace trace = decision.trace();
    for (DecidedRecord record : decision.records()) {
      Envelope envelope =
          Envelope.of(
                  record.recordId(),
                  SessionRecordCodec.type(record.body()),
                  SOURCE,
                  session.value(),
                  decision.time())
              .traced(trace == null ? null : trace.turn());
      last.put(session, producer.send(format.encodeSession(session, envelope, record.body())));
    }
    for (SandboxCommand command : decision.commands()) {
      Envelope envelope =
          Envelope.of(Ids.random("cmd_"), command.type(), SOURCE, session.value(), decision.time())
              .traced(trace == null ? null : trace.of(command));
      Future<RecordMetadata> _ =
          producer.send(
              format.encode(
                  Topics.SANDBOX_COMMANDS,
                  session.partition(),
                  session.value(),
                  envelope,
                  Json.bytes(command)));
    }
    for (EgressCommand command : decision.egress()) {
      Envelope envelope =
          Envelope.of(Ids.random("cmd_"), command.type(), SOURCE, session.value(), decision.time())
              .traced(trace == null ? null : trace.of(command));
      Future<RecordMetadata> _ =
          producer.send(
              format.encode(
                  Topics.EGRESS_COMMANDS,
                  session.partition(),
                  session.value(),
                  envelope,
                  Json.bytes(command)));
    }
  }

  /// Aborts what is open.
  public void close(Duration timeout) {
    producer.close(timeout);
  }
}
