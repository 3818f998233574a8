package io.steward.sessionlog.stream;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.preview.SessionPreview;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.session.Session;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.http.QueryParameters;
import io.steward.sessionlog.http.Reply;
import io.steward.sessionlog.log.KafkaClients;
import io.steward.sessionlog.log.Tail;
import io.steward.sessionlog.project.Sessions;
import io.steward.sessionlog.view.Views;
import io.vertx.core.Vertx;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/// Open streams, fed by one tail over all partitions. A stream begins at the last stable offset
/// read after it has subscribed and before its headers go out, so that nothing is missed between
/// them and nothing older is shown.
@Singleton
public class EventStreams {
  private static final Logger LOG = Logger.getLogger(EventStreams.class);
  private static final int DELTAS_MAX = 100;
  private static final Duration FULL_RETRY = Duration.ofSeconds(5);

  private final Sessions sessions;
  private final RecordFormat format;
  private final Vertx vertx;
  private final SessionLogConfig.Limits limits;
  private final Tail tail;
  private final Map<SessionId, Set<Subscriber>> subscribers = new ConcurrentHashMap<>();
  private final AtomicInteger open = new AtomicInteger();

  EventStreams(
      KafkaClients clients,
      Sessions sessions,
      RecordFormat format,
      Vertx vertx,
      SessionLogConfig config) {
    this.sessions = sessions;
    this.format = format;
    this.vertx = vertx;
    this.limits = config.sessionLog();
    this.tail =
        new Tail(
            "streams",
            clients.consumer(),
            KafkaClients.partitions(Topics.SESSION_EVENTS, config.sessionPartitions()),
            (consumer, partitions) -> consumer.seekToEnd(partitions),
            this::read);
  }

  void start(@Observes StartupEvent event) {
    tail.start();
    vertx.setPeriodic(limits.pingInterval().toMillis(), _ -> each(Subscriber::ping));
  }

  void shutdown(@Observes ShutdownEvent event) {
    each(Subscriber::end);
  }

  @PreDestroy
  void stop() {
    tail.close();
  }

  /// Whether the log is being tailed.
  public boolean running() {
    return tail.running();
  }

  /// Opens a stream of a session.
  ///
  /// @throws ApiException 400 when `event_deltas[]` breaks a rule, 404 when there is no such
  ///   session, 429 when too many streams are open
  public Reply open(SessionId id, QueryParameters query) {
    List<String> deltas = query.list("event_deltas");
    requireDeltas(deltas);
    Subscriber subscriber = subscribe(id, new PreviewGate(Set.copyOf(deltas)));
    try {
      long from = sessions.barrier(id);
      Session session = sessions.known(id);
      Views.facts(session, id.value());
      boolean over = session instanceof Session.Terminated && endedBefore(id, from);
      return new Reply.Stream((response, context) -> {
        subscriber.open(response, context, from);
        if (over) {
          subscriber.end();
        }
      });
    } catch (RuntimeException e) {
      subscriber.close();
      throw e;
    }
  }

  /// Whether the event that ends a stream lies before its begin, so that it will not come.
  private boolean endedBefore(SessionId id, long from) {
    return sessions.at(id, from - 1) instanceof Session.Terminated;
  }

  /// Whether a stream of the session shows previews.
  boolean wantsPreviews(SessionId id) {
    Set<Subscriber> all = subscribers.get(id);
    return all != null && all.stream().anyMatch(Subscriber::wantsPreviews);
  }

  /// Gives a preview to the session's streams.
  void preview(SessionId id, SessionPreview preview) {
    subscribers.getOrDefault(id, Set.of()).forEach(subscriber -> subscriber.take(preview));
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

  private Subscriber subscribe(SessionId id, PreviewGate previews) {
    if (open.incrementAndGet() > limits.streamsMax()) {
      open.decrementAndGet();
      throw new ApiException(
          ApiError.rateLimited(
              "There are " + limits.streamsMax() + " streams open, which is the limit.",
              FULL_RETRY));
    }
    Subscriber[] self = new Subscriber[1];
    Subscriber subscriber =
        new Subscriber(
            id,
            previews,
            limits.streamPendingBytesMax().asLongValue(),
            () -> unsubscribe(id, self[0]));
    self[0] = subscriber;
    subscribers.compute(
        id,
        (_, known) -> {
          Set<Subscriber> all = known == null ? ConcurrentHashMap.newKeySet() : known;
          all.add(subscriber);
          return all;
        });
    return subscriber;
  }

  private void unsubscribe(SessionId id, Subscriber subscriber) {
    open.decrementAndGet();
    subscribers.computeIfPresent(
        id,
        (_, all) -> {
          all.remove(subscriber);
          return all.isEmpty() ? null : all;
        });
  }

  private void each(Consumer<Subscriber> action) {
    subscribers.values().forEach(all -> all.forEach(action));
  }

  private void read(ConsumerRecords<String, byte[]> records, Map<TopicPartition, Long> after) {
    if (subscribers.isEmpty()) {
      return;
    }
    for (ConsumerRecord<String, byte[]> record : records) {
      String key = record.key() == null ? "" : record.key();
      int slash = Math.max(0, key.indexOf('/'));
      SessionId.parse(key.substring(0, slash))
          .map(subscribers::get)
          .ifPresent(all -> deliver(record, all));
    }
  }

  private void deliver(ConsumerRecord<String, byte[]> record, Set<Subscriber> all) {
    try {
      List<Frame> frames = format.decodeSession(record).map(EventStreams::frames).orElse(List.of());
      for (Subscriber subscriber : all) {
        frames.forEach(frame -> subscriber.take(record.offset(), frame));
      }
    } catch (UnreadableRecordException | UncheckedIOException e) {
      LOG.warnf("A record is not streamed, offset %d: %s", record.offset(), e.getMessage());
    }
  }

  private static List<Frame> frames(LoggedRecord record) {
    return switch (record.body()) {
      case SessionRecord.EventsSent sent -> sent.events().stream().map(Frame::of).toList();
      case SessionRecord.EventRecorded(SessionEvent event) -> List.of(Frame.of(event));
      case SessionRecord.Created _,
          SessionRecord.UpdateRequested _,
          SessionRecord.ArchiveRequested _,
          SessionRecord.DeleteRequested _,
          SessionRecord.ModelResponse _,
          SessionRecord.RetryScheduled _,
          SessionRecord.ContextSummary _,
          SessionRecord.ContextSummaryFailed _,
          SessionRecord.ContextExceeded _,
          SessionRecord.ResourceAddRequested _,
          SessionRecord.ResourceUpdateRequested _,
          SessionRecord.ResourceDeleteRequested _,
          SessionRecord.RepositorySettled _,
          SessionRecord.Unrecognized _ ->
          List.of();
    };
  }
}
