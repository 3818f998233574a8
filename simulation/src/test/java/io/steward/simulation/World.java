package io.steward.simulation;

import io.steward.harness.decide.TurnLimits;
import io.steward.schemas.agent.PermissionPolicy;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.model.CatalogException;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.record.SessionRecordCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Everything there is under one seed: a broker, a database, processes that come and go, and users.
final class World {
  /// No record is large enough for a blob.
  static final RecordFormat FORMAT = new RecordFormat(new DirectoryBlobStore(Path.of("/nowhere")));

  static final ModelCatalog MODELS = models();
  static final TurnLimits LIMITS =
      new TurnLimits(
          4,
          3,
          Duration.ofMillis(20),
          Duration.ofMillis(200),
          Duration.ofSeconds(1),
          2,
          Duration.ofSeconds(1),
          Duration.ofSeconds(1));

  private static final int TICK_STEPS = 8;

  private final Schedule schedule;
  private final @Nullable SeededBug bug;
  private final int partitions;
  private final long cacheBytesMax;
  private final MemberGroup group;
  private final SimulatedKafka kafka;
  private final SimulatedDatabase database = new SimulatedDatabase();
  private final DurableJournal journal;
  private final Truth truth;
  private final Deque<SnapshotQuestion> questions = new ArrayDeque<>();
  private final List<HarnessInstance> harnesses = new ArrayList<>();
  private final List<SessionLogInstance> sessionLogs = new ArrayList<>();
  private final List<SandboxInstance> sandboxes = new ArrayList<>();
  private long ids;
  private int nodes;
  private int takeOvers;
  private boolean calm;

  World(long seed, @Nullable SeededBug bug) {
    this.schedule = new Schedule(seed);
    this.bug = bug;
    RandomGenerator random = schedule.random();
    this.partitions = 1 + random.nextInt(2);
    this.cacheBytesMax = random.nextInt(3) == 0 ? 1 : 1_000_000;
    this.group = new MemberGroup(schedule, partitions);
    this.truth = new Truth(this);
    this.kafka = new SimulatedKafka(schedule, group, truth);
    this.journal = new DurableJournal(schedule);
    Node users = new Node(schedule, "users");
    int sessions = 1 + random.nextInt(3);
    for (int number = 0; number < sessions; number++) {
      SessionId id = SampleSession.id(number % partitions, number);
      create(id, random);
      Client _ = new Client(this, users, id);
      Watcher _ = new Watcher(this, users, id);
    }
  }

  private void create(SessionId id, RandomGenerator random) {
    PermissionPolicy policy =
        random.nextInt(3) > 0
            ? new PermissionPolicy.AlwaysAllow()
            : new PermissionPolicy.AlwaysAsk();
    var created =
        SampleSession.created(
            id, random.nextInt(4) == 0 ? "small" : "large", policy, schedule.now());
    Envelope envelope =
        Envelope.of(
            id("rec_"),
            SessionRecordCodec.type(created),
            "/services/session-log",
            id.value(),
            schedule.now());
    long _ = kafka.append(FORMAT.encodeSession(id, envelope, created));
  }

  // ---- what there is

  Schedule schedule() {
    return schedule;
  }

  SimulatedKafka kafka() {
    return kafka;
  }

  MemberGroup group() {
    return group;
  }

  SimulatedDatabase database() {
    return database;
  }

  DurableJournal journal() {
    return journal;
  }

  Truth truth() {
    return truth;
  }

  Deque<SnapshotQuestion> questions() {
    return questions;
  }

  int partitions() {
    return partitions;
  }

  long cacheBytesMax() {
    return cacheBytesMax;
  }

  List<HarnessInstance> harnesses() {
    return harnesses;
  }

  List<SessionLogInstance> sessionLogs() {
    return sessionLogs;
  }

  List<SandboxInstance> sandboxes() {
    return sandboxes;
  }

  int takeOvers() {
    return takeOvers;
  }

  /// A replica that a client reaches.
  Optional<SessionLogInstance> anySessionLog() {
    return sessionLogs.isEmpty()
        ? Optional.empty()
        : Optional.of(sessionLogs.get(schedule.random().nextInt(sessionLogs.size())));
  }

  String id(String prefix) {
    return prefix + ++ids;
  }

  // ---- what happens

  boolean has(SeededBug which) {
    return bug == which;
  }

  void pause() {
    schedule.pause();
  }

  /// Whether something goes wrong that goes wrong once in `times`, and never in calm.
  boolean fault(int times) {
    return !calm && schedule.oneIn(times);
  }

  boolean isCalm() {
    return calm;
  }

  /// From now on nothing goes wrong.
  void calmDown() {
    calm = true;
    schedule.trace("world", "calms down", null);
  }

  void trace(Node node, String what, @Nullable Object detail) {
    schedule.trace(node.name(), what, detail);
  }

  /// A hand-shake is done. A zombie that does it does not become the owner.
  void tookOver(HarnessInstance harness, int partition, long stable) {
    takeOvers++;
    trace(harness.node(), "took over partition " + partition + " at", stable);
    if (harness.member().equals(group.holder(partition))) {
      truth.tookOver(partition, harness.node().name());
    }
  }

  void startHarness() {
    harnesses.add(new HarnessInstance(this, node("harness")));
  }

  void startSessionLog() {
    sessionLogs.add(new SessionLogInstance(this, node("session-log")));
  }

  void startSandbox() {
    sandboxes.add(new SandboxInstance(this, node("sandbox")));
  }

  private Node node(String name) {
    Node node = new Node(schedule, name + "-" + ++nodes);
    trace(node, "starts", null);
    return node;
  }

  /// One step of somebody, and a look at whether all is well.
  void step() {
    schedule.step();
    if (schedule.steps() % TICK_STEPS == 0) {
      kafka.tick();
      group.tick();
    }
    truth.observe();
  }

  private static ModelCatalog models() {
    try {
      return ModelCatalog.parse(
          """
          providers:
            scripted: {kind: anthropic, base_url: "http://127.0.0.1:9", api_key_env: NO_KEY}
          models:
            - id: small
              provider: scripted
              display_name: Small
              context_window: 100
              output_tokens_max: 50
              compact_at: 0.6
            - id: large
              provider: scripted
              display_name: Large
              context_window: 200000
              output_tokens_max: 32000
              compact_at: 0.8
          """);
    } catch (CatalogException e) {
      throw new IllegalStateException(e);
    }
  }
}
