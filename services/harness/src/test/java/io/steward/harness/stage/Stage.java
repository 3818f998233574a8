package io.steward.harness.stage;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.decide.FailureDecisions;
import io.steward.harness.decide.ReplyDecisions;
import io.steward.harness.decide.RepositoryDecisions;
import io.steward.harness.decide.StepDecisions;
import io.steward.harness.decide.TurnLimits;
import io.steward.harness.log.KafkaClients;
import io.steward.harness.log.PreviewWriter;
import io.steward.harness.model.ConnectionLimits;
import io.steward.harness.model.ModelClient;
import io.steward.harness.model.ModelEndpoint;
import io.steward.harness.model.Secret;
import io.steward.harness.model.anthropic.AnthropicModelClient;
import io.steward.harness.partition.LoopSettings;
import io.steward.harness.partition.ModelCalls;
import io.steward.harness.partition.StepPerformer;
import io.steward.harness.request.ModelRequests;
import io.steward.harness.takeover.PartitionOwner;
import io.steward.schemas.agent.AgentTool;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.preview.SessionPreview;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.record.SessionRecordCodec;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.session.Session;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
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

/// Everything around a harness, and the harness itself.
public final class Stage implements AutoCloseable {
  public static final int PARTITIONS = 8;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String MODEL_KEY = "sk-secret-canary";

  private final Broker broker;
  private final ScriptedModel model;
  private final RecordFormat format;
  private final Producer<String, byte[]> producer;
  private final LogKeeper log;
  private final FakeSandbox sandbox;

  public Stage(Path directory) throws IOException {
    broker = Broker.start(directory, PARTITIONS);
    model = ScriptedModel.start();
    format = new RecordFormat(new DirectoryBlobStore(directory.resolve("blobs")));
    producer = producer();
    log = new LogKeeper(consumer(), producer(), format, PARTITIONS);
    sandbox = new FakeSandbox(consumer(), producer(), format, PARTITIONS);
  }

  public ScriptedModel model() {
    return model;
  }

  public FakeSandbox sandbox() {
    return sandbox;
  }

  public LogKeeper log() {
    return log;
  }

  /// A harness as the service builds it, with short times.
  public PartitionOwner harness() {
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
            Duration.ofSeconds(5));
    StepDecisions steps = new StepDecisions(Ids::random, limits, Sessions.MODELS);
    KafkaClients clients = new KafkaClients(broker.address(), "harness", Duration.ofMillis(1000));
    return new PartitionOwner(
        clients,
        format,
        new LoopSettings(
            InstantSource.system(),
            new ModelRequests(Sessions.MODELS, 32_000),
            4_000_000,
            2000,
            100,
            3,
            Duration.ofMillis(50)),
        new StepPerformer(
            steps,
            new ReplyDecisions(Ids::random),
            new FailureDecisions(Ids::random, limits, RandomGenerator.getDefault()),
            new RepositoryDecisions(Ids::random, steps)),
        new ModelCalls(
            client, new PreviewWriter(clients.previews(), format, InstantSource.system())));
  }

  public static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + PATIENCE + ": " + what);
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
    SessionEvent.UserMessage message =
        new SessionEvent.UserMessage(
            Ids.random("sevt_"), List.of(new ContentBlock.Text(text)), null);
    send(session, message);
    return message.id();
  }

  public void send(SessionId session, SessionEvent... events) {
    write(session, new SessionRecord.EventsSent(List.of(events)));
  }

  public void write(SessionId session, SessionRecord body) {
    Envelope envelope =
        Envelope.of(
            Ids.random("rec_"),
            SessionRecordCodec.type(body),
            "/test",
            session.value(),
            Instant.now());
    var _ = producer.send(format.encodeSession(session, envelope, body));
    producer.flush();
  }

  /// A record nobody can read.
  public void writeGarbage(SessionId session) {
    Envelope envelope =
        Envelope.of(Ids.random("rec_"), "user.message", "/test", session.value(), Instant.now());
    var _ =
        producer.send(
            format.encode(
                Topics.SESSION_EVENTS,
                session.partition(),
                session.value() + "/" + envelope.id(),
                envelope,
                "[1".getBytes(StandardCharsets.UTF_8)));
    producer.flush();
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
    KafkaClients other = new KafkaClients(broker.address(), "harness", Duration.ofSeconds(1));
    try (Producer<String, byte[]> usurper = other.writer(partition)) {
      usurper.initTransactions();
    }
  }

  /// The previews of a session so far, in order.
  public List<SessionPreview> previews(SessionId session) throws UnreadableRecordException {
    TopicPartition partition = new TopicPartition(Topics.SESSION_PREVIEWS, session.partition());
    List<SessionPreview> previews = new ArrayList<>();
    try (KafkaConsumer<String, byte[]> consumer = consumer()) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          if (record.key().equals(session.value())) {
            previews.add(Json.read(format.decode(record).json(), SessionPreview.class));
          }
        }
      }
    }
    return previews;
  }

  private KafkaConsumer<String, byte[]> consumer() {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", broker.address());
    settings.put("isolation.level", "read_committed");
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
