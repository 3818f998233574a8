package io.steward.sessionlog.stream;

import io.quarkus.runtime.StartupEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.preview.PreviewFrame;
import io.steward.schemas.preview.SessionPreview;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.log.KafkaClients;
import io.steward.sessionlog.log.Tail;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/// Brings what is written to `session-previews` from now on to open streams. Previews may be lost,
/// so this replica is ready without them, and one that cannot be read is skipped.
@Singleton
class PreviewTail {
  private static final Logger LOG = Logger.getLogger(PreviewTail.class);

  private final EventStreams streams;
  private final RecordFormat format;
  private final Tail tail;

  PreviewTail(
      KafkaClients clients, EventStreams streams, RecordFormat format, SessionLogConfig config) {
    this.streams = streams;
    this.format = format;
    this.tail =
        new Tail(
            "previews",
            clients.consumer(),
            KafkaClients.partitions(Topics.SESSION_PREVIEWS, config.sessionPartitions()),
            (consumer, partitions) -> consumer.seekToEnd(partitions),
            this::read);
  }

  void start(@Observes StartupEvent event) {
    tail.start();
  }

  @PreDestroy
  void stop() {
    tail.close();
  }

  private void read(ConsumerRecords<String, byte[]> records, Map<TopicPartition, Long> after) {
    for (ConsumerRecord<String, byte[]> record : records) {
      if (record.key() != null && record.value() != null) {
        SessionId.parse(record.key())
            .filter(streams::wantsPreviews)
            .ifPresent(session -> read(record, session));
      }
    }
  }

  private void read(ConsumerRecord<String, byte[]> record, SessionId session) {
    try {
      RecordFormat.Decoded decoded = format.decode(record);
      if (decoded.envelope().type().equals(SessionPreview.TYPE)) {
        streams.preview(session, whole(Json.read(decoded.json(), SessionPreview.class)));
      }
    } catch (UnreadableRecordException | RuntimeException e) {
      LOG.warnf("session_id=%s: a preview is skipped: %s", session, e.getMessage());
    }
  }

  /// What is held must not fail later, when an event is delivered.
  private static SessionPreview whole(SessionPreview preview) {
    Objects.requireNonNull(preview.modelRequestStartId(), "model_request_start_id");
    Objects.requireNonNull(preview.frame().eventId(), "the event's id");
    if (preview.frame() instanceof PreviewFrame.EventStart(PreviewFrame.Announced event)) {
      Objects.requireNonNull(event.type(), "the event's type");
    }
    return preview;
  }
}
