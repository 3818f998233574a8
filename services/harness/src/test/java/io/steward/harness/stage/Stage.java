package io.steward.harness.stage;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.steward.harness.decide.FailureDecisions;
import io.steward.harness.decide.McpDecisions;
import io.steward.harness.decide.ReplyDecisions;
import io.steward.harness.decide.RepositoryDecisions;
import io.steward.harness.decide.Speculation;
import io.steward.harness.decide.StepDecisions;
import io.steward.harness.decide.TurnLimits;
import io.steward.harness.log.KafkaClients;
import io.steward.harness.log.PreviewWriter;
import io.steward.harness.metric.Metrics;
import io.steward.harness.model.ConnectionLimits;
import io.steward.harness.model.ModelClient;
import io.steward.harness.model.ModelEndpoint;
import io.steward.harness.model.Secret;
import io.steward.harness.model.anthropic.AnthropicModelClient;
import io.steward.harness.partition.LoopSettings;
import io.steward.harness.partition.ModelCalls;
import io.steward.harness.partition.StepPerformer;
import io.steward.harness.partition.ToolForecast;
import io.steward.harness.request.ModelRequests;
import io.steward.harness.request.Searcher;
import io.steward.harness.takeover.PartitionOwner;
import io.steward.harness.trace.Spans;
import io.steward.schemas.agent.AgentTool;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.DeadLetter;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.preview.SessionPreview;
import io.steward.schemas.progress.SessionProgress;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.record.SessionRecordCodec;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.search.SearchOutcome;
import io.steward.schemas.session.Session;
import io.steward.schemas.trace.TraceContext;
import io.steward.schemas.trace.Tracing;
import io.steward.stage.Broker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/// Everything around a harness, and the harness itself.
public final class Stage implements AutoCloseable {
  public static final int PARTITIONS = 8;
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String MODEL_KEY = "sk-secret-canary";

  private final Broker broker;
  private final ScriptedModel model;
  private final RecordFormat format;
  private final Producer<String, byte[]> producer;
  private final LogKeeper log;
  private final FakeSandbox sandbox;
  private final Path directory;
  private final MeterRegistry registry = new SimpleMeterRegistry();
  private Spans spans = Spans.off();

  public Stage(Path directory) throws IOException {
    this(directory, PARTITIONS);
  }

  public Stage(Path directory, int partitions) throws IOException {
    this.directory = directory;
    broker = Broker.start(directory, partitions);
    model = ScriptedModel.start();
    format = new RecordFormat(new DirectoryBlobStore(directory.resolve("blobs")));
    producer = producer();
    log = new LogKeeper(consumer(), producer(), format, partitions);
    sandbox = new FakeSandbox(consumer(), producer(), format, partitions);
  }

  /// Harnesses of this process that are made from now on tell of their turns there.
  public void trace(Tracing tracing) {
    spans = new Spans(tracing, Sessions.MODELS);
  }

  public ScriptedModel model() {
    return model;
  }

  /// What harnesses of this process count, all together.
  public MeterRegistry registry() {
    return registry;
  }

  public FakeSandbox sandbox() {
    return sandbox;
  }

  public LogKeeper log() {
    return log;
  }

  /// The clients of a harness.
  ///
  /// @param instance the name it keeps, or null
  public KafkaClients clients(@Nullable String instance) {
    return new KafkaClients(broker.address(), "harness", instance, Duration.ofMillis(1000));
  }

  /// A harness as the service builds it, with short times.
  public PartitionOwner harness() {
    return harness(null);
  }

  /// @param instance the name it keeps, or null
  public PartitionOwner harness(@Nullable String instance) {
    ModelClient client =
        AnthropicModelClient.direct(
            new ModelEndpoint(
                model.baseUrl(),
                new Secret(MODEL_KEY),
                null,
                null,
                new ConnectionLimits(
                    Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(60), 64)),
            Ids::random);
    TurnLimits limits =
        new TurnLimits(
            500,
            4,
            Duration.ofMillis(50),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            3,
            Duration.ofSeconds(5),
            Duration.ofSeconds(5));
    StepDecisions steps = new StepDecisions(Ids::random, limits, Sessions.MODELS, Searcher.NOBODY);
    KafkaClients clients = clients(instance);
    return new PartitionOwner(
        clients,
        format,
        new LoopSettings(
            InstantSource.system(),
            new ModelRequests(Sessions.MODELS, 32_000, Searcher.NOBODY),
            4_000_000,
            2000,
            100,
            3,
            Duration.ofMillis(50),
            new Metrics(registry, ModelCatalog.shipped()),
            new ToolForecast(Speculation.of("auto", 0.8, 3, Duration.ZERO)),
            spans),
        new StepPerformer(
            steps,
            new ReplyDecisions(Ids::random, Searcher.NOBODY),
            new FailureDecisions(Ids::random, limits, RandomGenerator.getDefault()),
            new RepositoryDecisions(Ids::random, steps),
            new McpDecisions(Ids::random, steps)),
        new ModelCalls(
            client,
            _ -> SearchOutcome.unavailable("Nobody searches here."),
            new PreviewWriter(clients.previews(), format, InstantSource.system())));
  }

  /// Starts a harness as it is shipped. Its log is `<name>.log` in the stage's directory.
  ///
  /// @param settings environment variables beside those that say where everything is
  public HarnessProcess process(String name, Map<String, String> settings, String... options)
      throws IOException {
    Path models = directory.resolve("models.yaml");
    Files.writeString(
        models,
        """
        providers:
          scripted: {kind: anthropic, base_url: "%s", api_key_env: STEWARD_SCRIPTED_KEY}
        active_hour: 0.08
        models:
          - id: sesn_*
            provider: scripted
            display_name: Scripted
            context_window: 200000
            output_tokens_max: 32000
            compact_at: 0.8
        """
            .formatted(model.baseUrl()));
    Map<String, String> environment = new HashMap<>(settings);
    environment.put("STEWARD_KAFKA_BOOTSTRAP_SERVERS", broker.address());
    environment.put("STEWARD_BLOB_DIR", directory.resolve("blobs").toString());
    environment.put("STEWARD_MODELS", models.toString());
    environment.put("STEWARD_SCRIPTED_KEY", MODEL_KEY);
    return HarnessProcess.start(
        name, List.of(options), environment, directory.resolve(name + ".log"));
  }

  public static void await(String what, BooleanSupplier condition) throws InterruptedException {
    await(what, PATIENCE, condition);
  }

  public static void await(String what, Duration patience, BooleanSupplier condition)
      throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + patience + ": " + what);
      }
      Thread.sleep(1);
    }
  }

  /// A session in that partition whose model is named after it.
  public SessionId create(int partition, String environment, AgentTool... tools) {
    SessionId id = SessionId.random(partition);
    write(id, Sessions.created(id, environment, List.of(tools)));
    return id;
  }

  /// Sends a message and returns its event id.
  public String say(SessionId session, String text) {
    return say(session, text, null);
  }

  /// The same within a span.
  public String say(SessionId session, String text, @Nullable TraceContext within) {
    SessionEvent.UserMessage message =
        new SessionEvent.UserMessage(
            Ids.random("sevt_"), List.of(new ContentBlock.Text(text)), null);
    write(session, new SessionRecord.EventsSent(List.of(message)), within);
    return message.id();
  }

  public void send(SessionId session, SessionEvent... events) {
    write(session, new SessionRecord.EventsSent(List.of(events)));
  }

  public void write(SessionId session, SessionRecord body) {
    write(session, body, null);
  }

  private void write(SessionId session, SessionRecord body, @Nullable TraceContext within) {
    Envelope envelope =
        Envelope.of(
                Ids.random("rec_"),
                SessionRecordCodec.type(body),
                "/test",
                session.value(),
                Instant.now())
            .traced(within);
    var _ = producer.send(format.encodeSession(session, envelope, body));
    producer.flush();
  }

  /// A transaction in the session's partition that is never ended by whoever began it.
  public Producer<String, byte[]> orphan(SessionId session, SessionRecord body) {
    Producer<String, byte[]> orphan =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                broker.address(),
                "transactional.id",
                "orphan",
                "transaction.timeout.ms",
                600_000),
            new StringSerializer(),
            new ByteArraySerializer());
    orphan.initTransactions();
    orphan.beginTransaction();
    Envelope envelope =
        Envelope.of(
            Ids.random("rec_"),
            SessionRecordCodec.type(body),
            "/test",
            session.value(),
            Instant.now());
    var _ = orphan.send(format.encodeSession(session, envelope, body));
    orphan.flush();
    return orphan;
  }

  /// A record nobody can read.
  public void writeGarbage(SessionId session) {
    writeRaw(Topics.SESSION_EVENTS, session, "user.message", 1, "[1");
  }

  /// A record about a session as somebody else might write it.
  public void writeRaw(String topic, SessionId session, String type, int version, String json) {
    Envelope envelope =
        new Envelope(
            Ids.random("rec_"),
            type,
            "/test",
            session.value(),
            Instant.now(),
            Envelope.DEFAULT_WORKSPACE,
            version,
            null);
    String key =
        topic.equals(Topics.SESSION_EVENTS)
            ? session.value() + "/" + envelope.id()
            : session.value();
    var _ =
        producer.send(
            format.encode(
                topic, session.partition(), key, envelope, json.getBytes(StandardCharsets.UTF_8)));
    producer.flush();
  }

  /// Everything on a topic whose body has that text, also what was never committed.
  public List<String> written(String topic, String text) {
    List<String> found = new ArrayList<>();
    read(
        topic,
        "read_uncommitted",
        record -> {
          String body =
              record.value() == null ? "" : new String(record.value(), StandardCharsets.UTF_8);
          if (body.contains(text)) {
            found.add(body);
          }
        });
    return found;
  }

  /// The reasons of the dead letters about a session.
  public List<String> deadLetters(String topic, SessionId session) {
    List<String> reasons = new ArrayList<>();
    read(
        Topics.deadLetter(topic),
        "read_committed",
        record -> {
          if (session.value().equals(record.key())) {
            reasons.add(
                new String(
                    record.headers().lastHeader(DeadLetter.REASON_HEADER).value(),
                    StandardCharsets.UTF_8));
          }
        });
    return reasons;
  }

  private void read(String topic, String isolation, Consumer<ConsumerRecord<String, byte[]>> each) {
    try (KafkaConsumer<String, byte[]> consumer = consumer(isolation)) {
      List<TopicPartition> all =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(all);
      consumer.seekToBeginning(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      while (all.stream().anyMatch(one -> consumer.position(one) < ends.getOrDefault(one, 0L))) {
        consumer.poll(Duration.ofMillis(100)).forEach(each);
      }
    }
  }

  /// Types of the session's records, those of clients left out.
  public List<String> types(SessionId session) {
    return log.log(session).stream()
        .map(LoggedRecord::body)
        .map(SessionRecordCodec::type)
        .filter(type -> !type.equals("session.created") && !type.equals("session.events_sent"))
        .toList();
  }

  public List<JsonNode> events(SessionId session, String type) {
    return log.log(session).stream()
        .map(LoggedRecord::body)
        .filter(body -> SessionRecordCodec.type(body).equals(type))
        .map(body -> Json.tree(SessionRecordCodec.json(body)))
        .toList();
  }

  /// Waits until the session has gone idle that many times, for good.
  public void awaitIdle(SessionId session, int times) throws InterruptedException {
    await(
        "idle of " + session + " for time " + times + ": " + types(session),
        () ->
            events(session, "session.status_idle").size() >= times
                && log.session(session).status() == Session.Status.IDLE);
  }

  /// Takes the transactional id of a partition away from its owner.
  public void fence(int partition) {
    KafkaClients other = new KafkaClients(broker.address(), "harness", null, Duration.ofSeconds(1));
    try (Producer<String, byte[]> usurper = other.writer(partition)) {
      usurper.initTransactions();
    }
  }

  /// The previews of a session so far, in order.
  public List<SessionPreview> previews(SessionId session) throws UnreadableRecordException {
    return records(session, Topics.SESSION_PREVIEWS, SessionPreview.class);
  }

  /// What was told of slow requests of a session so far, in order.
  public List<SessionProgress> progress(SessionId session) throws UnreadableRecordException {
    return records(session, Topics.SESSION_PROGRESS, SessionProgress.class);
  }

  private <T> List<T> records(SessionId session, String topic, Class<T> type)
      throws UnreadableRecordException {
    TopicPartition partition = new TopicPartition(topic, session.partition());
    List<T> found = new ArrayList<>();
    try (KafkaConsumer<String, byte[]> consumer = consumer()) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          if (record.key().equals(session.value())) {
            found.add(Json.read(format.decode(record).json(), type));
          }
        }
      }
    }
    return found;
  }

  private KafkaConsumer<String, byte[]> consumer() {
    return consumer("read_committed");
  }

  private KafkaConsumer<String, byte[]> consumer(String isolation) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", broker.address());
    settings.put("isolation.level", isolation);
    settings.put("auto.offset.reset", "earliest");
    return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
  }

  private KafkaProducer<String, byte[]> producer() {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", broker.address());
    settings.put("linger.ms", 0);
    return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
  }

  @Override
  public void close() throws Exception {
    log.close();
    sandbox.close();
    producer.close();
    model.close();
    broker.close();
  }

  /// For tests that answer calls by hand.
  public static ToolResult result(SandboxCommand.RunTool run, String text) {
    return new ToolResult(
        run.sessionId(),
        run.toolUseId(),
        ToolResult.Outcome.COMPLETED,
        false,
        List.of(new ContentBlock.Text(text)),
        1);
  }
}
