package io.steward.sessionlog.log;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.record.SessionRecordCodec;
import io.steward.sessionlog.SessionLogConfig;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/// Appends to `session-events`. Returns when Kafka has acknowledged (`acks=all`).
@Singleton
public class LogWriter {
  private static final String SOURCE = "/services/session-log";
  private static final Duration CLOSE_MAX = Duration.ofSeconds(2);

  private final Producer<String, byte[]> producer;
  private final RecordFormat format;
  private final InstantSource clock;
  private final Positions written = new Positions();
  private final long appendMillisMax;

  public LogWriter(
      KafkaClients clients, RecordFormat format, InstantSource clock, SessionLogConfig config) {
    this.appendMillisMax = config.sessionLog().appendTimeout().toMillis();
    this.producer = clients.producer(appendMillisMax);
    this.format = format;
    this.clock = clock;
  }

  /// A new id for a record.
  public static String newRecordId() {
    return Ids.random("rec_");
  }

  /// Appends one record to the session's partition.
  ///
  /// @throws ApiException 503 when Kafka does not acknowledge in time; the record may still appear
  public LoggedRecord append(SessionId session, SessionRecord body) {
    return append(session, newRecordId(), body, () -> {});
  }

  /// Appends one record with this id to the session's partition.
  ///
  /// @param onDoubt is called when nobody can tell whether the record is, or will be, on the log
  /// @throws ApiException 503 when Kafka does not acknowledge in time
  public LoggedRecord append(
      SessionId session, String recordId, SessionRecord body, Runnable onDoubt) {
    Envelope envelope =
        Envelope.of(
            recordId,
            SessionRecordCodec.type(body),
            SOURCE,
            session.value(),
            clock.instant().truncatedTo(ChronoUnit.MILLIS));
    Future<RecordMetadata> sent = begin(format.encodeSession(session, envelope, body));
    RecordMetadata metadata;
    try {
      metadata = acknowledged(sent);
    } catch (ApiException e) {
      onDoubt.run();
      throw e;
    }
    written.advance(
        new TopicPartition(metadata.topic(), metadata.partition()), metadata.offset() + 1);
    return new LoggedRecord(session, envelope.id(), metadata.offset(), envelope.time(), body);
  }

  /// Writes a tombstone for each of the session's records.
  public void bury(SessionId session, List<String> recordIds) {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (String recordId : recordIds) {
      sent.add(
          begin(
              new ProducerRecord<>(
                  Topics.SESSION_EVENTS,
                  session.partition(),
                  session.value() + "/" + recordId,
                  null)));
    }
    sent.forEach(this::acknowledged);
  }

  /// Sends a record of another topic.
  public void send(ProducerRecord<String, byte[]> record) {
    acknowledged(begin(record));
  }

  /// How far this replica has written.
  public Positions written() {
    return written;
  }

  @PreDestroy
  void stop() {
    producer.close(CLOSE_MAX);
  }

  private Future<RecordMetadata> begin(ProducerRecord<String, byte[]> record) {
    try {
      return producer.send(record);
    } catch (KafkaException e) {
      throw unavailable(e);
    }
  }

  private RecordMetadata acknowledged(Future<RecordMetadata> sent) {
    try {
      return sent.get(appendMillisMax, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw unavailable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(e);
    }
  }

  private static ApiException unavailable(Exception cause) {
    ApiException exception =
        new ApiException(ApiError.unavailable("The log did not take the record; try again soon."));
    exception.initCause(cause);
    return exception;
  }
}
