package io.steward.sessionlog.stream;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.preview.SessionPreview;
import io.steward.schemas.session.Session;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.SessionLogMetrics;
import io.steward.sessionlog.http.Caller;
import io.steward.sessionlog.http.OpenStream;
import io.steward.sessionlog.http.QueryParameters;
import io.steward.sessionlog.http.Reply;
import io.steward.sessionlog.http.Request;
import io.steward.sessionlog.http.WorkerCredentials;
import io.steward.sessionlog.log.KafkaClients;
import io.steward.sessionlog.log.Tail;
import io.steward.sessionlog.project.Sessions;
import io.steward.sessionlog.view.Views;
import io.vertx.core.Vertx;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Open streams, fed by one tail over all partitions. A stream begins at the last stable offset
/// read after it has subscribed and before its headers go out, so that nothing is missed between
/// them and nothing older is shown. A reader that says what it saw last is first shown what lies
/// between that and this beginning.
@Singleton
public class EventStreams {
  private static final Logger LOG = Logger.getLogger(EventStreams.class);
  private static final int DELTAS_MAX = 100;
  private static final Duration FULL_RETRY = Duration.ofSeconds(5);

  /// Streams that read what their readers missed at the same moment.
  private static final int REPLAYS_READING_MAX = 4;

  /// How much of that a stream reads at once, and then writes.
  private static final long REPLAY_PAGE_BYTES_MAX = 1024 * 1024;

  private final Sessions sessions;
  private final WorkerCredentials workers;
  private final RecordFormat format;
  private final Vertx vertx;
  private final SessionLogConfig.Limits limits;
  private final SessionLogMetrics metrics;
  private final Backlog backlog;
  private final Tail tail;
  private final Map<SessionId, Audience> audiences = new ConcurrentHashMap<>();
  private final AtomicInteger open = new AtomicInteger();
  private final ScheduledExecutorService checks =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofVirtual().name("stream-checks").factory());
  private final Semaphore replays = new Semaphore(REPLAYS_READING_MAX);
  private volatile boolean leaving;

  EventStreams(
      KafkaClients clients,
      Sessions sessions,
      WorkerCredentials workers,
      RecordFormat format,
      Vertx vertx,
      SessionLogMetrics metrics,
      SessionLogConfig config) {
    this.sessions = sessions;
    this.workers = workers;
    this.format = format;
    this.vertx = vertx;
    this.metrics = metrics;
    this.limits = config.sessionLog();
    this.backlog = new Backlog(limits.streamsPendingBytesMax().asLongValue());
    metrics.show("open.streams", "Open streams", open, AtomicInteger::get);
    metrics.show("streams.pending.bytes", "Bytes not taken by readers", backlog, Backlog::bytes);
    this.tail =
        new Tail(
            "streams",
            clients.consumer(),
            KafkaClients.partitions(Topics.SESSION_EVENTS, config.sessionPartitions()),
            this::begin,
            this::read);
  }

  /// The tail begins, or begins anew and may leave something out.
  private void begin(
      org.apache.kafka.clients.consumer.Consumer<String, byte[]> consumer,
      Set<TopicPartition> partitions) {
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position);
    each(Subscriber::leave);
  }

  void start(@Observes StartupEvent event) {
    sessions.onSetAside(this::end);
    tail.start();
    long pingMillis = limits.pingInterval().toMillis();
    vertx.setPeriodic(pingMillis, _ -> each(Subscriber::ping));
    var _ =
        checks.scheduleWithFixedDelay(
            this::endRevoked, pingMillis, pingMillis, TimeUnit.MILLISECONDS);
  }

  /// This replica is no longer ready: readers come back to another one, or a little later.
  void leave(@Observes ShutdownDelayInitiatedEvent event) {
    endAll();
  }

  void shutdown(@Observes ShutdownEvent event) {
    endAll();
  }

  private void endAll() {
    leaving = true;
    each(Subscriber::leave);
  }

  @PreDestroy
  void stop() {
    checks.shutdownNow();
    tail.close();
  }

  /// Whether the log is being tailed.
  public boolean running() {
    return tail.running();
  }

  /// Opens a stream of the session in the path, or resumes one when the request says which event
  /// was seen last.
  ///
  /// @throws ApiException 400 when `event_deltas[]` or `Last-Event-ID` breaks a rule, 404 when
  ///   there is no such session, 429 when too many streams are open, 503 when this replica is about
  ///   to end or does not read the log yet
  public Reply open(Request request) {
    SessionId id = request.sessionId();
    List<String> deltas = request.query().list("event_deltas");
    requireDeltas(deltas);
    String lastEventId = request.lastEventId();
    StreamPosition seen = lastEventId == null ? null : StreamPosition.parse(lastEventId);
    if (leaving) {
      throw new ApiException(ApiError.unavailable("This server is about to stop; try again soon."));
    }
    String log = logId();
    Subscriber subscriber = subscribe(id, request.caller(), new PreviewGate(Set.copyOf(deltas)));
    try {
      logId(); // Whoever subscribed before the tail began anew is dropped by it.
      long from = sessions.barrier(id);
      Session session = sessions.known(id);
      Views.facts(session, id.value());
      StreamPosition end = new StreamPosition(log, id.partition(), from, 0);
      if (seen != null) {
        seen.requireIn(id, end);
      }
      boolean over =
          session instanceof Session.SetAside
              || (session instanceof Session.Terminated && endedBefore(id, from));
      return new Reply.Stream(stream -> begin(stream, subscriber, seen, end, over));
    } catch (RuntimeException e) {
      subscriber.close();
      throw e;
    }
  }

  /// Runs on the response's event loop, which does not wait for what is replayed.
  private void begin(
      OpenStream stream,
      Subscriber subscriber,
      @Nullable StreamPosition seen,
      StreamPosition end,
      boolean over) {
    subscriber.open(stream, seen == null ? end : seen, end.offset());
    Runnable whenLive =
        () -> {
          if (over || leaving) {
            subscriber.end();
          }
        };
    if (seen == null || leaving) {
      subscriber.goLive();
      whenLive.run();
    } else {
      long pageBytes =
          Math.min(REPLAY_PAGE_BYTES_MAX, limits.streamPendingBytesMax().asLongValue() / 4);
      Thread.ofVirtual()
          .name("replay")
          .start(new Replay(sessions, subscriber, seen, end, pageBytes, replays, whenLive));
    }
  }

  /// The id of the log that is tailed.
  private String logId() {
    if (!tail.running()) {
      throw new ApiException(
          ApiError.unavailable("This server does not read the log yet; try again soon."));
    }
    return sessions.logId();
  }

  /// Whether the event that ends a stream lies before its begin, so that it will not come.
  private boolean endedBefore(SessionId id, long from) {
    return sessions.at(id, from - 1) instanceof Session.Terminated;
  }

  /// Whether a stream of the session shows previews.
  boolean wantsPreviews(SessionId id) {
    return of(id).stream().anyMatch(Subscriber::wantsPreviews);
  }

  /// Gives a preview to the session's streams.
  void preview(SessionId id, SessionPreview preview) {
    of(id).forEach(subscriber -> subscriber.take(preview));
  }

  /// Ends the streams of workers whose credentials open nothing any more. Clients are not looked
  /// at.
  private void endRevoked() {
    try {
      Set<Caller> callers = new HashSet<>();
      each(subscriber -> callers.add(subscriber.caller()));
      callers.remove(Caller.CLIENT);
      if (!callers.isEmpty()) {
        Set<Caller> revoked = workers.revoked(callers);
        each(subscriber -> {
          if (revoked.contains(subscriber.caller())) {
            subscriber.leave();
          }
        });
      }
    } catch (RuntimeException e) {
      LOG.warnf("Streams of workers stay for now: %s", e.getMessage());
    }
  }

  private Set<Subscriber> of(SessionId id) {
    Audience audience = audiences.get(id);
    return audience == null ? Set.of() : audience.subscribers();
  }

  private static void requireDeltas(List<String> deltas) {
    if (deltas.size() > DELTAS_MAX) {
      throw new ApiException(
          ApiError.invalid(
              "`event_deltas[]` has %d values, but may have at most %d."
                  .formatted(deltas.size(), DELTAS_MAX)));
    }
    for (String delta : deltas) {
      if (!PreviewGate.TYPES.contains(delta)) {
        throw QueryParameters.refused(
            "event_deltas[]", delta, "must be one of agent.message, agent.thinking");
      }
    }
  }

  private Subscriber subscribe(SessionId id, Caller caller, PreviewGate previews) {
    if (open.incrementAndGet() > limits.streamsMax()) {
      open.decrementAndGet();
      throw new ApiException(
          ApiError.rateLimited(
              "There are " + limits.streamsMax() + " streams open, which is the limit.",
              FULL_RETRY));
    }
    Subscriber subscriber =
        new Subscriber(
            id,
            caller,
            previews,
            limits.streamPendingBytesMax().asLongValue(),
            backlog,
            this::unsubscribe,
            metrics::readerDropped);
    audiences.compute(
        id,
        (_, known) -> {
          Audience audience = known == null ? new Audience() : known;
          audience.subscribers().add(subscriber);
          return audience;
        });
    return subscriber;
  }

  private void unsubscribe(Subscriber subscriber) {
    open.decrementAndGet();
    audiences.computeIfPresent(
        subscriber.session(),
        (_, audience) -> {
          audience.subscribers().remove(subscriber);
          return audience.subscribers().isEmpty() ? null : audience;
        });
  }

  private void each(Consumer<Subscriber> action) {
    audiences.values().forEach(audience -> audience.subscribers().forEach(action));
  }

  private void read(ConsumerRecords<String, byte[]> records, Map<TopicPartition, Long> after) {
    if (audiences.isEmpty()) {
      return;
    }
    for (ConsumerRecord<String, byte[]> record : records) {
      String key = record.key() == null ? "" : record.key();
      int slash = Math.max(0, key.indexOf('/'));
      SessionId.parse(key.substring(0, slash))
          .map(audiences::get)
          .ifPresent(audience -> deliver(record, audience));
    }
  }

  private void deliver(ConsumerRecord<String, byte[]> record, Audience audience) {
    try {
      List<Frame> frames =
          format
              .decodeSession(record)
              .map(logged -> audience.frames(place(record), logged.body()))
              .orElse(List.of());
      for (Subscriber subscriber : audience.subscribers()) {
        frames.forEach(frame -> subscriber.take(record.offset(), frame));
      }
    } catch (UnreadableRecordException | RuntimeException e) {
      LOG.warnf(
          "A record of %s cannot be streamed, offset %d, so its session's streams end: %s",
          record.topic(), record.offset(), e);
      metrics.unreadable(record.topic());
      audience.subscribers().forEach(Subscriber::end);
    }
  }

  private StreamPosition place(ConsumerRecord<String, byte[]> record) {
    return new StreamPosition(sessions.logId(), record.partition(), record.offset(), 0);
  }

  /// Ends the streams of a session. A stream never leaves anything out: who wants more comes back,
  /// and lists.
  private void end(SessionId id) {
    of(id).forEach(Subscriber::end);
  }
}
