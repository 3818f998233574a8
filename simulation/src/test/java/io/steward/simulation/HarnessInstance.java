package io.steward.simulation;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.steward.harness.decide.FailureDecisions;
import io.steward.harness.decide.McpDecisions;
import io.steward.harness.decide.ReplyDecisions;
import io.steward.harness.decide.RepositoryDecisions;
import io.steward.harness.decide.Speculation;
import io.steward.harness.decide.StepDecisions;
import io.steward.harness.log.DeadLetters;
import io.steward.harness.log.FoldedSession;
import io.steward.harness.log.PreviewWriter;
import io.steward.harness.log.RecordReader;
import io.steward.harness.log.TransactionalWriter;
import io.steward.harness.metric.Metrics;
import io.steward.harness.partition.LoopSettings;
import io.steward.harness.partition.Mail;
import io.steward.harness.partition.ModelCalls;
import io.steward.harness.partition.PartitionLoop;
import io.steward.harness.partition.StepPerformer;
import io.steward.harness.partition.Surroundings;
import io.steward.harness.partition.ToolForecast;
import io.steward.harness.request.ModelRequests;
import io.steward.harness.request.Searcher;
import io.steward.harness.trace.Spans;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.search.SearchOutcome;
import io.steward.schemas.session.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/// One process of the harness: production loops, performer, decisions and writer, with the
/// membership, the reading and the take-over of production's `takeover` package as fibers.
final class HarnessInstance implements Surroundings {
  private static final Metrics METRICS =
      new Metrics(new SimpleMeterRegistry(), ModelCatalog.shipped());

  /// The fiber that polls the group.
  static final String READER = "events";

  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration TURN = Duration.ofMillis(20);
  private static final Duration RETRY = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofMillis(400);
  private static final int POLLS_BEFORE_REOPENING = 2;
  private static final int RECORDS_MAX = 12;
  private static final long TOKENS_MAX = 4_000;
  private static final int REFUSALS_MAX = 3;

  private final World world;
  private final Node node;
  private final RecordReader records;
  private final LoopSettings settings;
  private final StepPerformer performer;
  private final ModelCalls calls;
  private final Map<Integer, Owned> owned = new TreeMap<>();
  private String member;
  private ConsumerGroupMetadata membership;
  private long polls;

  /// A partition that is ours, and how far it and its sibling are read; below 0 not yet.
  private static final class Owned {
    private final PartitionLoop loop;
    private long events = -1;
    private long results = -1;
    private boolean mail;

    Owned(PartitionLoop loop) {
      this.loop = loop;
    }

    void deliver(Mail some) {
      loop.deliver(some);
      mail = true;
    }
  }

  HarnessInstance(World world, Node node) {
    this.world = world;
    this.node = node;
    this.records =
        new RecordReader(
            World.FORMAT, new DeadLetters(new SimulatedProducer(world, node, null), METRICS));
    this.settings =
        new LoopSettings(
            node,
            new ModelRequests(World.MODELS, TOKENS_MAX, Searcher.NOBODY),
            world.cacheBytesMax(),
            2 * RECORDS_MAX,
            4,
            REFUSALS_MAX,
            Duration.ofMillis(20),
            METRICS,
            new ToolForecast(new Speculation(true, 0, 1, Duration.ZERO)),
            Spans.off());
    StepDecisions steps = new StepDecisions(world::id, World.LIMITS, World.MODELS, Searcher.NOBODY);
    this.performer =
        new StepPerformer(
            steps,
            new ReplyDecisions(world::id, Searcher.NOBODY),
            new FailureDecisions(world::id, World.LIMITS, world.schedule().random()),
            new RepositoryDecisions(world::id, steps),
            new McpDecisions(world::id, steps));
    this.calls =
        new ModelCalls(
            new ScriptedModel(world),
            _ -> SearchOutcome.unavailable("Nobody searches here."),
            new PreviewWriter(new SimulatedProducer(world, node, null), World.FORMAT, node),
            node.threads("model"));
    this.member = world.group().join();
    this.membership = new ConsumerGroupMetadata(MemberGroup.NAME, -1, member, Optional.empty());
    node.spawn(READER, () -> forEver(this::pollEvents, this::hasEvents));
    node.spawn("results", () -> forEver(this::pollResults, this::hasResults));
  }

  Node node() {
    return node;
  }

  String member() {
    return member;
  }

  /// Polls when there is something, and now and then.
  private void forEver(Runnable round, BooleanSupplier something) {
    while (true) {
      round.run();
      world.schedule().await(something, POLL);
    }
  }

  private boolean hasEvents() {
    return owned.entrySet().stream()
        .anyMatch(mine -> {
          long from = mine.getValue().events;
          return from >= 0
              && world.kafka().log(Topics.SESSION_EVENTS, mine.getKey()).stable() > from;
        });
  }

  private boolean hasResults() {
    return owned.entrySet().stream()
        .anyMatch(mine -> {
          long from = mine.getValue().results;
          return from >= 0 && world.kafka().log(Topics.TOOL_RESULTS, mine.getKey()).end() > from;
        });
  }

  private void pollEvents() {
    MemberGroup.Assigned assigned = world.group().poll(member);
    if (assigned == null) {
      List.copyOf(owned.keySet()).forEach(this::lost);
      member = world.group().join();
      return;
    }
    for (int partition : assigned.revoked()) {
      lost(partition);
      world.group().release(member, partition);
    }
    assigned.gained().forEach(this::gained);
    membership =
        new ConsumerGroupMetadata(
            MemberGroup.NAME, assigned.generation(), member, Optional.empty());
    owned.forEach((partition, mine) -> {
      if (mine.events >= 0 && !mine.loop.isFull()) {
        PartitionLog.Fetched fetched = fetch(Topics.SESSION_EVENTS, partition, mine.events);
        if (fetched.position() != mine.events) {
          mine.deliver(new Mail.Events(fetched.records(), fetched.position()));
          mine.events = fetched.position();
        }
      }
    });
    polls++;
  }

  private void pollResults() {
    owned.forEach((partition, mine) -> {
      if (mine.results >= 0) {
        PartitionLog.Fetched fetched = fetch(Topics.TOOL_RESULTS, partition, mine.results);
        if (fetched.position() != mine.results) {
          mine.deliver(new Mail.Results(fetched.records(), fetched.position()));
          mine.results = fetched.position();
        }
      }
    });
  }

  private PartitionLog.Fetched fetch(String topic, int partition, long from) {
    int recordsMax = 1 + world.schedule().random().nextInt(RECORDS_MAX);
    return world.kafka().log(topic, partition).fetch(from, true, recordsMax);
  }

  private void gained(int partition) {
    PartitionLoop loop =
        new PartitionLoop(
            partition, records, settings, this, performer, calls, node.threads("writer"));
    Owned mine = new Owned(loop);
    owned.put(partition, mine);
    world.trace(node, "gets partition", partition);
    node.spawn(
        "loop-" + partition,
        () -> {
          while (!loop.isStopped()) {
            long seen = node.moves();
            loop.turn(null);
            world
                .schedule()
                .await(() -> mine.mail || loop.isStopped() || node.moves() != seen, TURN);
            mine.mail = false;
          }
          loop.end();
        });
    until(mine, () -> takeOver(partition, mine));
  }

  private void lost(int partition) {
    Owned mine = owned.remove(partition);
    if (mine != null) {
      world.trace(node, "gives up partition", partition);
      mine.loop.stop();
    }
  }

  @Override
  public ConsumerGroupMetadata membership() {
    return membership;
  }

  @Override
  public void wake(PartitionLoop loop, SessionId session, long offset) {
    Owned mine = owned.get(loop.partition());
    if (mine != null) {
      until(
          mine,
          () -> {
            List<Session> found = ask(loop.partition(), Optional.of(session), offset);
            mine.deliver(
                new Mail.Woken(
                    session, found.isEmpty() ? FoldedSession.ABSENT : answered(found.getFirst())));
          });
    }
  }

  @Override
  public void reopen(PartitionLoop loop) {
    Owned mine = owned.get(loop.partition());
    if (mine == null) {
      return;
    }
    until(
        mine,
        () -> {
          long from = polls;
          world.schedule().await(() -> polls >= from + POLLS_BEFORE_REOPENING);
          if (!member.equals(world.group().holder(loop.partition()))) {
            throw new KafkaException("the group has not confirmed that the partition is ours");
          }
          if (isOurs(mine)) {
            TransactionalWriter writer = open(loop.partition());
            long stable = stable(loop.partition());
            world.trace(node, "reopens the writer of partition", loop.partition());
            mine.deliver(new Mail.Reopened(writer, stable));
          }
        });
  }

  private static FoldedSession answered(Session session) {
    return new FoldedSession(session, Json.bytes(session).length);
  }

  /// The hand-shake of architecture §3.2.
  private void takeOver(int partition, Owned mine) {
    TransactionalWriter writer = open(partition);
    long stable = stable(partition);
    world.pause();
    long results =
        world
            .kafka()
            .committedOffset(MemberGroup.NAME, new TopicPartition(Topics.TOOL_RESULTS, partition));
    world.pause();
    List<Session> unfinished;
    if (world.has(SeededBug.ACTS_BEFORE_STABLE_OFFSET)) {
      stable = world.database().position(partition);
      unfinished = world.database().unfinished(partition);
    } else {
      unfinished = stable == 0 ? List.of() : ask(partition, Optional.empty(), stable);
    }
    if (isOurs(mine)) {
      List<FoldedSession> answers = unfinished.stream().map(HarnessInstance::answered).toList();
      mine.deliver(new Mail.TakenOver(writer, answers, stable, results));
      mine.events = stable;
      mine.results = results;
      world.tookOver(this, partition, stable);
    } else {
      writer.close(Duration.ZERO);
    }
  }

  private long stable(int partition) {
    world.pause();
    return world.kafka().log(Topics.SESSION_EVENTS, partition).stable();
  }

  private TransactionalWriter open(int partition) {
    boolean ownId = world.has(SeededBug.NO_FENCE) || world.has(SeededBug.GROUP_ONLY);
    String id = MemberGroup.NAME + "-" + partition + (ownId ? "-" + node.name() : "");
    SimulatedProducer producer = new SimulatedProducer(world, node, id);
    producer.initTransactions();
    return new TransactionalWriter(producer, World.FORMAT);
  }

  /// Asks session-log, again and again.
  private List<Session> ask(int partition, Optional<SessionId> session, long offset) {
    List<SnapshotQuestion> asked = new ArrayList<>();
    while (true) {
      SnapshotQuestion question = new SnapshotQuestion(partition, session, offset);
      asked.add(question);
      if (!world.fault(10)) {
        world.questions().add(question);
      }
      if (world
          .schedule()
          .await(() -> asked.stream().anyMatch(SnapshotQuestion::isAnswered), PATIENCE)) {
        return asked.stream()
            .filter(SnapshotQuestion::isAnswered)
            .findFirst()
            .orElseThrow()
            .answer();
      }
    }
  }

  private boolean isOurs(Owned mine) {
    return !mine.loop.isStopped() && owned.get(mine.loop.partition()) == mine;
  }

  private void until(Owned mine, Runnable attempt) {
    node.spawn(
        "attempt-" + mine.loop.partition(),
        () -> {
          while (isOurs(mine)) {
            try {
              attempt.run();
              return;
            } catch (KafkaException e) {
              world.trace(node, "tries again", e);
              world.schedule().sleep(RETRY);
            }
          }
        });
  }
}
