package io.steward.harness.takeover;

import io.steward.harness.log.DeadLetters;
import io.steward.harness.log.FoldedSession;
import io.steward.harness.log.KafkaClients;
import io.steward.harness.log.LogPositions;
import io.steward.harness.log.OrphanTransactions;
import io.steward.harness.log.RecordReader;
import io.steward.harness.log.SnapshotQueries;
import io.steward.harness.log.TransactionalWriter;
import io.steward.harness.partition.LoopSettings;
import io.steward.harness.partition.Mail;
import io.steward.harness.partition.ModelCalls;
import io.steward.harness.partition.PartitionLoop;
import io.steward.harness.partition.StepPerformer;
import io.steward.harness.partition.Surroundings;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The partitions of this instance: their loops, and how they are taken over (architecture §3.2),
/// for all new ones in parallel and outside the rebalance.
public final class PartitionOwner implements EventReader.Ownership, Surroundings {
  private static final Logger LOG = Logger.getLogger(PartitionOwner.class);
  private static final Duration TAKE_OVER_RETRY = Duration.ofMillis(500);
  private static final Duration STOP = Duration.ofSeconds(2);
  private static final Duration CLOSE = Duration.ofMillis(300);
  private static final Duration DRAIN_LOOK = Duration.ofMillis(20);
  private static final int POLLS_BEFORE_REOPENING = 2;

  private final KafkaClients clients;
  private final RecordFormat format;
  private final RecordReader records;
  private final LoopSettings settings;
  private final StepPerformer performer;
  private final ModelCalls calls;
  private final Map<Integer, PartitionLoop> loops = new ConcurrentHashMap<>();
  private final Admin admin;
  private final Producer<String, byte[]> questions;
  private final LogPositions positions;
  private final OrphanTransactions orphans;
  private final SnapshotQueries queries;
  private final EventReader events;
  private final SiblingReader siblings;
  private volatile boolean draining;
  private @Nullable Thread eventsThread;
  private @Nullable Thread siblingsThread;

  public PartitionOwner(
      KafkaClients clients,
      RecordFormat format,
      LoopSettings settings,
      StepPerformer performer,
      ModelCalls calls) {
    this.clients = clients;
    this.format = format;
    this.settings = settings;
    this.performer = performer;
    this.calls = calls;
    this.admin = clients.admin();
    this.questions = clients.questions();
    this.positions = new LogPositions(admin, clients.group());
    this.orphans = new OrphanTransactions(admin, positions, settings.metrics());
    DeadLetters deadLetters = new DeadLetters(questions, settings.metrics());
    this.records = new RecordReader(format, deadLetters);
    this.queries = new SnapshotQueries(questions, format, settings.clock(), deadLetters);
    this.events = new EventReader(clients::member, this);
    this.siblings = new SiblingReader(clients.reader(), queries, loops);
    settings.metrics().watchPartitions(this::active, events::partitions);
    settings.metrics().watchLag(events::lag);
    settings
        .metrics()
        .watchBacklog(() -> loops.values().stream().mapToInt(PartitionLoop::backlog).sum());
  }

  /// Partitions that are ours and worked on: not those whose take-over waits for session-log, nor
  /// those that wait for another writer.
  private int active() {
    return Math.toIntExact(loops.values().stream().filter(PartitionLoop::isActive).count());
  }

  public void start() {
    calls.start();
    siblingsThread = Thread.ofPlatform().name("sibling-reader").start(siblings);
    eventsThread = Thread.ofPlatform().name("event-reader").start(events);
  }

  /// Asks no model any more, waits up to `drainMax` until what is under way was written, then
  /// leaves the group and stops, in less than three seconds. Not ready from the beginning.
  public void stop(Duration drainMax) {
    draining = true;
    loops.values().forEach(PartitionLoop::drain);
    awaitDrained(drainMax);
    events.stop();
    siblings.stop();
    join(eventsThread);
    join(siblingsThread);
    loops.values().forEach(PartitionLoop::stop);
    calls.close();
    questions.close(CLOSE);
    admin.close(CLOSE);
  }

  private void awaitDrained(Duration max) {
    long began = System.nanoTime();
    try {
      while (!isDrained() && System.nanoTime() - began < max.toNanos()) {
        Thread.sleep(DRAIN_LOOK);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    LOG.infof("Leaving drained=%b millis=%d", isDrained(), (System.nanoTime() - began) / 1_000_000);
  }

  private boolean isDrained() {
    return loops.values().stream().allMatch(PartitionLoop::isDrained);
  }

  private static void join(@Nullable Thread thread) {
    try {
      if (thread != null) {
        thread.join(STOP);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Whether the group has given us partitions and all of them are being worked on.
  public boolean isReady() {
    return !draining
        && events.hasJoined()
        && loops.values().stream().allMatch(PartitionLoop::isActive);
  }

  /// Whether the threads that read are alive.
  public boolean isAlive() {
    return eventsThread != null
        && eventsThread.isAlive()
        && siblingsThread != null
        && siblingsThread.isAlive();
  }

  @Override
  public void gained(int partition) {
    PartitionLoop loop = new PartitionLoop(partition, records, settings, this, performer, calls);
    loops.put(partition, loop);
    if (draining) {
      loop.drain();
    }
    Thread.ofPlatform().daemon().name("loop-" + partition).start(loop);
    until("Taking over", loop, () -> takeOver(loop));
  }

  @Override
  public void lost(int partition) {
    PartitionLoop loop = loops.remove(partition);
    if (loop != null) {
      loop.stop();
      siblings.forget(partition);
    }
  }

  @Override
  public PartitionLoop loop(int partition) {
    PartitionLoop loop = loops.get(partition);
    if (loop == null) {
      throw new IllegalStateException("partition " + partition + " is not ours");
    }
    return loop;
  }

  @Override
  public ConsumerGroupMetadata membership() {
    return events.membership();
  }

  @Override
  public void wake(PartitionLoop loop, SessionId session, long offset) {
    until(
        "Waking " + session,
        loop,
        () -> {
          List<FoldedSession> found = queries.ask(loop.partition(), session, offset);
          loop.deliver(
              new Mail.Woken(session, found.isEmpty() ? FoldedSession.ABSENT : found.getFirst()));
        });
  }

  @Override
  public void reopen(PartitionLoop loop) {
    until(
        "Reopening",
        loop,
        () -> {
          awaitPolls();
          if (!LogPositions.await(
              positions.isAssigned(events.membership().memberId(), loop.partition()))) {
            throw new KafkaException("the group has not confirmed that the partition is ours");
          }
          if (isOurs(loop)) {
            reopened(loop, open(loop.partition()));
          }
        });
  }

  private void reopened(PartitionLoop loop, TransactionalWriter writer)
      throws InterruptedException {
    try {
      long stable = orphans.awaitNone(loop.partition());
      loop.deliver(new Mail.Reopened(writer, stable));
    } catch (RuntimeException | InterruptedException e) {
      writer.close(Duration.ZERO);
      throw e;
    }
  }

  /// A member that was stalled learns only by polling that its partitions have gone, or from the
  /// coordinator of the group. To take the transactional id before would fence their rightful
  /// owner.
  private void awaitPolls() throws InterruptedException {
    long from = events.polls();
    BooleanSupplier polled = () -> events.polls() >= from + POLLS_BEFORE_REOPENING;
    do {
      Thread.sleep(clients.heartbeat());
    } while (!polled.getAsBoolean());
  }

  private void takeOver(PartitionLoop loop) throws InterruptedException {
    int partition = loop.partition();
    long began = System.nanoTime();
    CompletableFuture<Long> answers = positions.end(Topics.SESSION_SNAPSHOTS, partition);
    TransactionalWriter writer = open(partition);
    try {
      CompletableFuture<Long> used = positions.resultsPosition(partition);
      siblings.readSnapshots(partition, LogPositions.await(answers));
      long stable = orphans.awaitNone(partition);
      List<FoldedSession> unfinished =
          stable == 0 ? List.of() : queries.ask(partition, null, stable);
      long results = LogPositions.await(used);
      if (isOurs(loop)) {
        Duration time = Duration.ofNanos(System.nanoTime() - began);
        settings.metrics().takenOver(time); // Before it can be seen at work.
        LOG.infof(
            "Partition taken over partition=%d unfinished=%d millis=%d",
            partition, unfinished.size(), time.toMillis());
        loop.deliver(new Mail.TakenOver(writer, unfinished, stable, results));
        events.readFrom(partition, stable);
        siblings.readResults(partition, results);
      } else {
        writer.close(Duration.ZERO);
      }
    } catch (RuntimeException | InterruptedException e) {
      writer.close(Duration.ZERO);
      throw e;
    }
  }

  private TransactionalWriter open(int partition) {
    Producer<String, byte[]> producer = clients.writer(partition);
    try {
      producer.initTransactions();
      return new TransactionalWriter(producer, format);
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  private boolean isOurs(PartitionLoop loop) {
    return !loop.isStopped() && loops.get(loop.partition()) == loop;
  }

  /// Something that waits for Kafka or for session-log.
  private interface Attempt {
    void run() throws InterruptedException;
  }

  /// Runs `attempt` on a thread of its own until it succeeds or the loop stops.
  private void until(String what, PartitionLoop loop, Attempt attempt) {
    Thread.ofVirtual()
        .name("attempt-" + loop.partition())
        .start(() -> {
          try {
            while (isOurs(loop)) {
              try {
                attempt.run();
                return;
              } catch (RuntimeException e) { // Whatever it is, the partition must not stay behind.
                if (isOurs(loop)) {
                  LOG.warnf("%s failed partition=%d: %s", what, loop.partition(), e);
                }
                Thread.sleep(TAKE_OVER_RETRY);
              }
            }
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
        });
  }
}
