package io.steward.harness.log;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.preview.PreviewFrame;
import io.steward.schemas.preview.SessionPreview;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/// Writes previews outside of any transaction. It never waits: what the producer does not take at
/// once is lost, and nothing of that event follows.
public final class PreviewWriter implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(PreviewWriter.class);
  private static final String SOURCE = "/services/harness";
  private static final Duration PREPARE_RETRY = Duration.ofMillis(50);
  private static final Duration CLOSE = Duration.ofMillis(300);

  private final Producer<String, byte[]> producer;
  private final RecordFormat format;
  private final InstantSource clock;
  private final CountDownLatch closed = new CountDownLatch(1);

  /// @param producer one that does not block, see [KafkaClients#previews()]
  public PreviewWriter(
      Producer<String, byte[]> producer, RecordFormat format, InstantSource clock) {
    this.producer = producer;
    this.format = format;
    this.clock = clock;
  }

  /// Learns the partitions of the topic in the background, since sending does not wait for that.
  public void start() {
    Thread.ofVirtual().name("previews").start(this::prepare);
  }

  private void prepare() {
    try {
      while (!knowsTopic() && !closed.await(PREPARE_RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.trace("The topic is not known yet");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      LOG.debugf(e, "Closed before there was anything to write");
    }
  }

  private boolean knowsTopic() {
    try {
      return !producer.partitionsFor(Topics.SESSION_PREVIEWS).isEmpty();
    } catch (KafkaException _) {
      return false;
    }
  }

  /// Where the previews of one model request go, in order and from one thread.
  public Consumer<PreviewFrame> request(SessionId session, String modelRequestStartId) {
    return new Request(session, modelRequestStartId);
  }

  @Override
  public void close() {
    closed.countDown();
    producer.close(CLOSE);
  }

  private final class Request implements Consumer<PreviewFrame> {
    private final SessionId session;
    private final String spanId;
    private final Set<String> stopped = ConcurrentHashMap.newKeySet();
    private int sequence;

    Request(SessionId session, String spanId) {
      this.session = session;
      this.spanId = spanId;
    }

    @Override
    public void accept(PreviewFrame frame) {
      SessionPreview preview = new SessionPreview(session, spanId, sequence++, frame);
      String eventId = frame.eventId();
      if (stopped.contains(eventId)) {
        return;
      }
      try {
        send(preview, eventId);
      } catch (RuntimeException e) {
        stop(eventId, e);
      }
    }

    private void send(SessionPreview preview, String eventId) {
      byte[] json = Json.bytes(preview);
      if (json.length > RecordFormat.INLINE_BYTES_MAX) {
        throw new IllegalArgumentException("a preview of " + json.length + " bytes");
      }
      Envelope envelope =
          Envelope.of(
              spanId + "/" + preview.sequence(),
              SessionPreview.TYPE,
              SOURCE,
              session.value(),
              clock.instant());
      Future<RecordMetadata> _ =
          producer.send(
              format.encode(
                  Topics.SESSION_PREVIEWS, session.partition(), session.value(), envelope, json),
              (_, failure) -> {
                if (failure != null) {
                  stop(eventId, failure);
                }
              });
    }

    private void stop(String eventId, Exception cause) {
      if (stopped.add(eventId)) {
        LOG.debugf("Previews stop session_id=%s event_id=%s: %s", session, eventId, cause);
      }
    }
  }
}
