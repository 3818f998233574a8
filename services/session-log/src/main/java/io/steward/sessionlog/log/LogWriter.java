package io.steward.sessionlog.log;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
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
import io.steward.schemas.trace.SpanKeys;
import io.steward.schemas.trace.TraceContext;
import io.steward.schemas.trace.Tracing;
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
import org.jboss.logging.Logger;

/// Appends to `session-events`. Returns when Kafka has acknowledged (`acks=all`).
@Singleton
public class LogWriter {
  private static final Logger LOG = Logger.getLogger(LogWriter.class);
  private static final String SOURCE = "/services/session-log";
  private static final Duration CLOSE_MAX = Duration.ofSeconds(2);

  private final Producer<String, byte[]> producer;
  private final RecordFormat format;
  private final InstantSource clock;
  private final Tracing tracing;
  private final Positions written = new Positions();
  private final long appendMillisMax;

  public LogWriter(
      KafkaClients clients,
      RecordFormat format,
      InstantSource clock,
      SessionLogConfig config,
      Tracing tracing) {
    this.appendMillisMax = config.sessionLog().appendTimeout().toMillis();
    this.producer = clients.producer(appendMillisMax);
    this.format = format;
    this.clock = clock;
    this.tracing = tracing;
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
    Span span = sending(session);
    try {
      LoggedRecord record = append(session, recordId, body, onDoubt, span);
      span.setAttribute(SpanKeys.KAFKA_OFFSET, record.offset());
      LOG.infof(
          "appended session_id=%s type=%s partition=%d offset=%d",
          session, SessionRecordCodec.type(body), session.partition(), record.offset());
      return record;
    } catch (ApiException e) {
      span.setAttribute(SpanKeys.ERROR_TYPE, "unavailable");
      span.setStatus(StatusCode.ERROR);
      throw e;
    } finally {
      span.end();
    }
  }

  private Span sending(SessionId session) {
    return tracing
        .tracer()
        .spanBuilder("send " + Topics.SESSION_EVENTS)
        .setSpanKind(SpanKind.PRODUCER)
        .setAttribute(SpanKeys.MESSAGING_SYSTEM, "kafka")
        .setAttribute(SpanKeys.MESSAGING_OPERATION, "send")
        .setAttribute(SpanKeys.MESSAGING_TYPE, "send")
        .setAttribute(SpanKeys.DESTINATION, Topics.SESSION_EVENTS)
        .setAttribute(SpanKeys.DESTINATION_PARTITION, Integer.toString(session.partition()))
        .setAttribute(SpanKeys.CONVERSATION, session.value())
        .startSpan();
  }

  private LoggedRecord append(
      SessionId session, String recordId, SessionRecord body, Runnable onDoubt, Span span) {
    Envelope envelope =
        Envelope.of(
                recordId,
                SessionRecordCodec.type(body),
                SOURCE,
                session.value(),
                clock.instant().truncatedTo(ChronoUnit.MILLIS))
            .traced(TraceContext.of(span.getSpanContext()).orElse(null));
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
    return new LoggedRecord(
        session, envelope.id(), metadata.offset(), envelope.time(), body, envelope.trace());
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
