package io.steward.harness.partition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.steward.harness.decide.FailureDecisions;
import io.steward.harness.decide.IdSource;
import io.steward.harness.decide.McpDecisions;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.decide.ReplyDecisions;
import io.steward.harness.decide.RepositoryDecisions;
import io.steward.harness.decide.Speculation;
import io.steward.harness.decide.StepDecisions;
import io.steward.harness.decide.TurnLimits;
import io.steward.harness.log.DeadLetters;
import io.steward.harness.log.FoldedSession;
import io.steward.harness.log.PreviewWriter;
import io.steward.harness.log.Reading;
import io.steward.harness.log.RecordReader;
import io.steward.harness.log.TransactionalWriter;
import io.steward.harness.metric.Metrics;
import io.steward.harness.model.ModelClient;
import io.steward.harness.request.ModelRequests;
import io.steward.harness.request.Searcher;
import io.steward.harness.stage.Sessions;
import io.steward.harness.trace.Spans;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.Evaluation;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.record.SessionRecordCodec;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.search.SearchOutcome;
import io.steward.schemas.session.Session;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/// One loop, turned by hand, with writers that write at once and a model that never answers.
class PartitionLoopTest {
  private static final int PARTITION = 3;
  private static final Duration REFUSAL_DELAY = Duration.ofMillis(1);
  private static final TurnLimits LIMITS =
      new TurnLimits(
          5, 3, Duration.ZERO, Duration.ZERO, Duration.ZERO, 3, Duration.ZERO, Duration.ZERO);

  private final RecordFormat format =
      new RecordFormat(new DirectoryBlobStore(Path.of("target/no-blobs")));
  private final MockProducer<String, byte[]> log = producer();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Asked asked = new Asked();
  private final List<String> started = new ArrayList<>();
  private int idsThatFail;
  private long offset;
  private final PartitionLoop loop = loop(Searcher.NOBODY);

  /// What the loop asked of its instance.
  private static final class Asked implements Surroundings {
    private final List<SessionId> woken = new ArrayList<>();

    @Override
    public ConsumerGroupMetadata membership() {
      return new ConsumerGroupMetadata("harness");
    }

    @Override
    public void wake(PartitionLoop loop, SessionId session, long offset) {
      woken.add(session);
    }

    @Override
    public void reopen(PartitionLoop loop) {
      throw new AssertionError("no writer is lost here");
    }
  }

  @Test
  void a_session_on_which_deciding_fails_does_not_stop_its_neighbour() {
    SessionId poisoned = SessionId.random(PARTITION);
    SessionId neighbour = SessionId.random(PARTITION);
    takeOver();
    idsThatFail = 2;

    deliver(created(poisoned), said(poisoned), created(neighbour), said(neighbour));
    loop.turn(null);

    assertEquals(0, written(poisoned));
    assertTrue(written(neighbour) > 0);
    assertEquals(1, setAside("step"));
  }

  @Test
  void a_session_that_is_asleep_is_set_aside_by_a_record_that_came_meanwhile() {
    SessionId session = SessionId.random(PARTITION);
    Session known = Session.ABSENT.apply(logged(created(session)));
    takeOver();

    deliver(said(session), garbage(session));
    assertEquals(List.of(session), asked.woken);
    loop.turn(new Mail.Woken(session, new FoldedSession(known, 1)));

    assertEquals(0, written(session));
    assertEquals(1, setAside("record"));
  }

  @Test
  void a_writer_that_comes_after_the_end_is_closed() {
    MockProducer<String, byte[]> late = producer();
    MockProducer<String, byte[]> later = producer();
    takeOver();
    assertFalse(log.closed());

    loop.stop();
    loop.deliver(new Mail.Reopened(new TransactionalWriter(late, format), 0));
    loop.end();
    loop.deliver(new Mail.TakenOver(new TransactionalWriter(later, format), List.of(), 0, 0));

    assertTrue(log.closed());
    assertTrue(late.closed());
    assertTrue(later.closed());
  }

  @Test
  void a_drained_loop_starts_no_turn() {
    SessionId session = SessionId.random(PARTITION);
    takeOver();
    loop.drain();

    deliver(created(session), said(session));

    assertEquals(0, written(session));
    assertTrue(loop.isDrained());
  }

  @Test
  void a_search_of_this_harness_is_begun_once_and_its_result_is_written_with_the_next_request() {
    SessionId session = SessionId.random(PARTITION);
    PartitionLoop searching = loop(Searcher.PROVIDER);

    searching.turn(takenOver(searchOpen(session)));
    searching.turn(null);
    List<String> begun = List.copyOf(started);
    searching.turn(found(session));

    assertEquals(List.of("search-sevt_1"), begun);
    assertEquals(2, written(session));
  }

  @Test
  void a_drained_loop_writes_a_result_and_opens_no_request() {
    SessionId session = SessionId.random(PARTITION);
    PartitionLoop searching = loop(Searcher.PROVIDER);

    searching.turn(takenOver(searchOpen(session)));
    searching.drain();
    searching.turn(found(session));

    assertEquals(1, written(session));
  }

  @Test
  void a_reply_that_was_refused_together_with_the_next_request_is_written_again()
      throws InterruptedException {
    SessionId session = SessionId.random(PARTITION);
    takeOver();
    deliver(created(session), said(session));
    deliver(readBack());
    deliver(said(session));
    log.commitTransactionException = new KafkaException("not now");
    int before = log.history().size();
    loop.turn(replied(session, started.getLast()));
    loop.turn(null);
    log.commitTransactionException = null;
    Thread.sleep(REFUSAL_DELAY);
    loop.turn(null);

    assertTrue(typesFrom(before).contains("agent.message"), () -> typesFrom(before).toString());
    assertEquals(3, started.size(), "requests");
  }

  private Mail takenOver(Session unfinished) {
    return new Mail.TakenOver(
        new TransactionalWriter(log, format), List.of(new FoldedSession(unfinished, 1)), 0, 0);
  }

  private static Mail found(SessionId session) {
    return new Mail.Searched(
        new ToolResult(
            session,
            "sevt_1",
            ToolResult.Outcome.COMPLETED,
            false,
            List.of(new ContentBlock.Text("Found.")),
            1));
  }

  @Test
  void a_drained_loop_begins_no_search() {
    SessionId session = SessionId.random(PARTITION);
    PartitionLoop searching = loop(Searcher.PROVIDER);
    searching.drain();

    searching.turn(takenOver(searchOpen(session)));
    searching.turn(null);

    assertEquals(List.of(), started);
    assertTrue(searching.isDrained());
  }

  /// A session in whose turn the model has called `web_search`.
  private Session searchOpen(SessionId id) {
    Instant now = Instant.now();
    RequestUsage usage = new RequestUsage(1, 1, 0, 0);
    ObjectNode input = JsonNodeFactory.instance.objectNode().put("query", "rain");
    SessionEvent.UserMessage message =
        new SessionEvent.UserMessage("sevt_m", List.of(new ContentBlock.Text("Hi")), null);
    Session session = Session.ABSENT;
    long at = 0;
    for (SessionRecord body :
        List.of(
            Sessions.created(id, "cloud", List.of(Sessions.TOOLSET)),
            new SessionRecord.EventsSent(List.of(message)),
            event(new SessionEvent.SessionStatusRunning("sevt_r", now)),
            event(message.processed(now)),
            event(new SessionEvent.SpanModelRequestStart("sevt_s", now)),
            event(
                new SessionEvent.AgentToolUse(
                    "sevt_1",
                    "web_search",
                    input,
                    Evaluation.Permission.ALLOW,
                    new Evaluation.AlwaysAllow(),
                    now)),
            new SessionRecord.ModelResponse(
                "sevt_s",
                "m",
                List.of(input),
                Map.of("toolu_1", "sevt_1"),
                "tool_use",
                null,
                usage),
            event(new SessionEvent.SpanModelRequestEnd("sevt_e", "sevt_s", false, usage, now)))) {
      session = session.apply(new LoggedRecord(id, "rec_" + at, at++, now, body));
    }
    return session;
  }

  private static SessionRecord event(SessionEvent event) {
    return new SessionRecord.EventRecorded(event);
  }

  private static Mail replied(SessionId session, String thread) {
    return new Mail.Answered(
        session,
        thread.substring("model-".length()),
        new ModelOutcome.Replied(
            List.of(
                JsonNodeFactory.instance.objectNode().put("type", "text").put("text", "Hello.")),
            Map.of(),
            "end_turn",
            null,
            RequestUsage.NONE,
            Map.of()));
  }

  /// What the loop has written, as it reads it.
  @SuppressWarnings("unchecked")
  private ConsumerRecord<String, byte[]>[] readBack() {
    return log.history().stream().map(this::read).toArray(ConsumerRecord[]::new);
  }

  /// The types of what was written from there on.
  private List<String> typesFrom(int index) {
    return log.history().stream()
        .skip(index)
        .map(record -> new String(record.headers().lastHeader("ce_type").value(), UTF_8))
        .toList();
  }

  /// Notes its name when it is started, and does nothing.
  private Thread thread(Runnable work) {
    return new Thread(work) {
      @Override
      public void start() {
        started.add(getName());
      }
    };
  }

  private LoggedRecord logged(ConsumerRecord<String, byte[]> record) {
    return assertInstanceOf(Reading.Logged.class, reader().event(record)).record();
  }

  private PartitionLoop loop(Searcher searcher) {
    IdSource ids =
        prefix -> {
          if (idsThatFail > 0) {
            idsThatFail--;
            throw new IllegalStateException("no id");
          }
          return Ids.random(prefix);
        };
    StepDecisions steps = new StepDecisions(ids, LIMITS, Sessions.MODELS, searcher);
    ModelClient silent =
        (_, _) -> {
          throw new AssertionError("its thread is never started");
        };
    return new PartitionLoop(
        PARTITION,
        reader(),
        new LoopSettings(
            InstantSource.system(),
            new ModelRequests(Sessions.MODELS, 32_000, searcher),
            1_000_000,
            100,
            100,
            3,
            REFUSAL_DELAY,
            new Metrics(registry, ModelCatalog.shipped()),
            new ToolForecast(Speculation.OFF),
            Spans.off()),
        asked,
        new StepPerformer(
            steps,
            new ReplyDecisions(ids, searcher),
            new FailureDecisions(ids, LIMITS, RandomGenerator.getDefault()),
            new RepositoryDecisions(ids, steps),
            new McpDecisions(ids, steps)),
        new ModelCalls(
            silent,
            _ -> SearchOutcome.unavailable("Nobody searches here."),
            new PreviewWriter(producer(), format, InstantSource.system()),
            this::thread),
        PartitionLoopTest::atOnce);
  }

  private RecordReader reader() {
    return new RecordReader(
        format, new DeadLetters(producer(), new Metrics(registry, ModelCatalog.shipped())));
  }

  private static Thread atOnce(Runnable work) {
    return new Thread(work) {
      @Override
      public void start() {
        work.run();
      }
    };
  }

  private static MockProducer<String, byte[]> producer() {
    MockProducer<String, byte[]> producer =
        new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer());
    producer.initTransactions();
    return producer;
  }

  private void takeOver() {
    loop.turn(new Mail.TakenOver(new TransactionalWriter(log, format), List.of(), 0, 0));
  }

  @SafeVarargs
  private void deliver(ConsumerRecord<String, byte[]>... records) {
    loop.deliver(new Mail.Events(List.of(records), offset));
    loop.turn(null);
  }

  private ConsumerRecord<String, byte[]> created(SessionId session) {
    return record(session, Sessions.created(session, "cloud", List.of()));
  }

  private ConsumerRecord<String, byte[]> said(SessionId session) {
    return record(
        session,
        new SessionRecord.EventsSent(
            List.of(
                new SessionEvent.UserMessage(
                    Ids.random("sevt_"), List.of(new ContentBlock.Text("Hi")), null))));
  }

  private ConsumerRecord<String, byte[]> garbage(SessionId session) {
    Envelope envelope =
        Envelope.of(Ids.random("rec_"), "user.message", "/test", session.value(), Instant.now());
    return read(
        format.encode(
            "session-events",
            PARTITION,
            session.value() + "/" + envelope.id(),
            envelope,
            "[1".getBytes(UTF_8)));
  }

  private ConsumerRecord<String, byte[]> record(SessionId session, SessionRecord body) {
    Envelope envelope =
        Envelope.of(
            Ids.random("rec_"),
            SessionRecordCodec.type(body),
            "/test",
            session.value(),
            Instant.now());
    return read(format.encodeSession(session, envelope, body));
  }

  private ConsumerRecord<String, byte[]> read(ProducerRecord<String, byte[]> written) {
    ConsumerRecord<String, byte[]> record =
        new ConsumerRecord<>(written.topic(), PARTITION, offset++, written.key(), written.value());
    written.headers().forEach(record.headers()::add);
    return record;
  }

  private long written(SessionId session) {
    return log.history().stream()
        .filter(record -> record.key().startsWith(session.value()))
        .count();
  }

  private double setAside(String cause) {
    return registry.get("steward.harness.sessions.set.aside").tag("cause", cause).counter().count();
  }
}
