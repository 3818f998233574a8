package io.steward.harness.log;

import io.steward.harness.model.ReplyListener;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.preview.PreviewFrame;
import io.steward.schemas.preview.SessionPreview;
import io.steward.schemas.progress.ProgressWatch;
import io.steward.schemas.progress.SessionProgress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Writes previews outside of any transaction, and how requests go that are slow. It never waits:
/// what the producer does not take at once is lost, and nothing of that event follows.
public final class PreviewWriter implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(PreviewWriter.class);
  private static final String SOURCE = "/services/harness";
  private static final Duration PREPARE_RETRY = Duration.ofMillis(50);
  private static final Duration PROGRESS_EVERY = Duration.ofSeconds(1);
  private static final Duration CLOSE = Duration.ofMillis(300);

  private final Producer<String, byte[]> producer;
  private final RecordFormat format;
  private final InstantSource clock;
  private final @Nullable Duration requestMax;
  private final ProgressWatch progress;
  private final CountDownLatch closed = new CountDownLatch(1);

  /// A writer for requests of which nobody knows how long they may take.
  public PreviewWriter(
      Producer<String, byte[]> producer, RecordFormat format, InstantSource clock) {
    this(producer, format, clock, null);
  }

  /// @param producer one that does not block, see [KafkaClients#previews()]
  /// @param requestMax how long a request may take
  public PreviewWriter(
      Producer<String, byte[]> producer,
      RecordFormat format,
      InstantSource clock,
      @Nullable Duration requestMax) {
    this.producer = producer;
    this.format = format;
    this.clock = clock;
    this.requestMax = requestMax;
    this.progress = new ProgressWatch(clock);
  }

  /// Learns the partitions of each topic in the background, since sending does not wait for that;
  /// and tells of slow requests from now on. Neither topic waits for the other.
  public void start() {
    Thread.ofVirtual().name("previews").start(this::prepare);
    Thread.ofVirtual().name("progress").start(this::tellProgress);
  }

  /// Nothing is told before the topic is known: what is lost is told again after half a minute
  /// only.
  private void tellProgress() {
    boolean known = false;
    try {
      do {
        try {
          known = known || knows(Topics.SESSION_PROGRESS);
          if (known) {
            progress.tell(this::send);
          }
        } catch (RuntimeException e) { // Nobody may learn how it goes, and it goes on all the same.
          LOG.debugf("Progress could not be told: %s", e);
        }
      } while (!closed.await(PROGRESS_EVERY.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void send(SessionProgress told) {
    SessionId session = told.sessionId();
    Envelope envelope =
        Envelope.of(
            Ids.random("rec_"), SessionProgress.TYPE, SOURCE, session.value(), clock.instant());
    Future<RecordMetadata> _ =
        producer.send(
            format.encode(
                Topics.SESSION_PROGRESS,
                session.partition(),
                session.value(),
                envelope,
                Json.bytes(told)));
  }

  private void prepare() {
    try {
      while (!knows(Topics.SESSION_PREVIEWS)
          && !closed.await(PREPARE_RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.trace("The topic is not known yet");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      LOG.debugf(e, "Closed before there was anything to write");
    }
  }

  /// Whether the producer knows the topic's partitions. Asking makes it learn them.
  private boolean knows(String topic) {
    try {
      return !producer.partitionsFor(topic).isEmpty();
    } catch (KafkaException _) {
      return false;
    }
  }

  /// Where the previews of one model request go, in order and from one thread.
  public ReplyListener request(SessionId session, String modelRequestStartId) {
    return new Request(session, modelRequestStartId);
  }

  /// As [#request], for a request of which nothing is shown.
  public ReplyListener unseen(SessionId session, String callId) {
    return new Unseen(begin(session, callId));
  }

  private ProgressWatch.Watched begin(SessionId session, String about) {
    return progress.begin(session, about, SessionProgress.Activity.MODEL_QUEUED);
  }

  @Override
  public void close() {
    closed.countDown();
    producer.close(CLOSE);
  }

  private class Unseen implements ReplyListener {
    private final ProgressWatch.Watched watched;

    Unseen(ProgressWatch.Watched watched) {
      this.watched = watched;
    }

    @Override
    public void accept(PreviewFrame frame) {}

    @Override
    public void sent() {
      watched.enter(SessionProgress.Activity.MODEL_ASKED, requestMax);
    }

    @Override
    public void heard() {
      watched.heard();
    }

    @Override
    public void ended() {
      watched.end();
    }
  }

  private final class Request extends Unseen {
    private final SessionId session;
    private final String spanId;
    private final Set<String> stopped = ConcurrentHashMap.newKeySet();
    private int sequence;

    Request(SessionId session, String spanId) {
      super(begin(session, spanId));
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
