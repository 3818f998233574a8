package io.steward.harness.partition;

import io.steward.harness.decide.Decision;
import io.steward.harness.log.TransactionalWriter;
import io.steward.harness.log.WriteResult;
import io.steward.harness.metric.Metrics;
import io.steward.schemas.kafka.Topics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Decided steps that wait for the partition's next transaction. One transaction runs at a time and
/// carries all that are ready; a step that was refused in company is tried alone.
final class Outbox {
  private final LoopSettings settings;
  private final ResultsCursor results;
  private final Consumer<Mail> outcomes;
  private final TopicPartition events;
  private final TopicPartition toolResults;
  private final ThreadFactory writers;
  private final Deque<ReadyStep> waiting = new ArrayDeque<>();
  private final Membership membership = new Membership();
  private @Nullable TransactionalWriter writer;
  private boolean writing;

  /// @param writers makes the threads that write
  Outbox(
      int partition,
      LoopSettings settings,
      ResultsCursor results,
      Consumer<Mail> outcomes,
      ThreadFactory writers) {
    this.settings = settings;
    this.results = results;
    this.outcomes = outcomes;
    this.writers = writers;
    this.events = new TopicPartition(Topics.SESSION_EVENTS, partition);
    this.toolResults = new TopicPartition(Topics.TOOL_RESULTS, partition);
  }

  void open(TransactionalWriter newWriter) {
    writer = newWriter;
    membership.forget();
    writing = false;
  }

  void add(ReadyStep step) {
    waiting.add(step);
  }

  /// The steps that wait, which do so no longer.
  List<ReadyStep> clear() {
    List<ReadyStep> steps = List.copyOf(waiting);
    waiting.clear();
    return steps;
  }

  /// Whether nothing waits and nothing is being written.
  boolean isIdle() {
    return waiting.isEmpty() && !writing;
  }

  /// The transaction has ended.
  void written(Mail.Written transaction) {
    writing = false;
    if (!(transaction.result() instanceof WriteResult.Committed)) {
      membership.forget();
    } else if (transaction.offsets()) {
      membership.checked(transaction.steps().getFirst().group(), settings.clock().instant());
    }
  }

  /// Starts a transaction unless one is running or nothing is ready.
  ///
  /// @param position up to where the partition was folded
  void flush(long position) {
    TransactionalWriter current = writer;
    if (writing || waiting.isEmpty() || current == null) {
      return;
    }
    List<ReadyStep> steps = take();
    Set<Long> used = new HashSet<>();
    steps.forEach(step -> used.addAll(step.resultOffsets()));
    ConsumerGroupMetadata group = steps.getFirst().group();
    boolean due = !used.isEmpty() || membership.isDue(group, settings.clock().instant());
    Map<TopicPartition, OffsetAndMetadata> positions =
        due
            ? Map.of(
                events,
                new OffsetAndMetadata(position),
                toolResults,
                new OffsetAndMetadata(results.positionAfter(used)))
            : Map.of();
    List<Decision> decisions = steps.stream().map(ReadyStep::decision).toList();
    writing = true;
    writers
        .newThread(() ->
            outcomes.accept(
                new Mail.Written(steps, due, timed(current, decisions, positions, group))))
        .start();
  }

  private WriteResult timed(
      TransactionalWriter current,
      List<Decision> decisions,
      Map<TopicPartition, OffsetAndMetadata> positions,
      ConsumerGroupMetadata group) {
    long began = System.nanoTime();
    WriteResult result = write(current, decisions, positions, group);
    settings
        .metrics()
        .transacted(outcome(result), decisions.size(), Duration.ofNanos(System.nanoTime() - began));
    return result;
  }

  private static Metrics.Written outcome(WriteResult result) {
    return switch (result) {
      case WriteResult.Committed _ -> Metrics.Written.COMMITTED;
      case WriteResult.Refused _ -> Metrics.Written.REFUSED;
      case WriteResult.Lost _ -> Metrics.Written.LOST;
    };
  }

  /// Whatever goes wrong, the loop learns of it: it writes nothing more before it has.
  private static WriteResult write(
      TransactionalWriter writer,
      List<Decision> decisions,
      Map<TopicPartition, OffsetAndMetadata> positions,
      ConsumerGroupMetadata group) {
    try {
      return writer.write(decisions, positions, group);
    } catch (RuntimeException | Error e) {
      return new WriteResult.Lost(new KafkaException("writing failed unexpectedly", e));
    }
  }

  private List<ReadyStep> take() {
    List<ReadyStep> steps = new ArrayList<>();
    steps.add(waiting.remove());
    ReadyStep first = steps.getFirst();
    while (!first.owned().isAlone() && !waiting.isEmpty() && steps.size() < settings.stepsMax()) {
      ReadyStep next = waiting.element();
      if (next.owned().isAlone() || !next.sameMembership(first)) {
        break;
      }
      steps.add(waiting.remove());
    }
    return steps;
  }

  /// Gives up the writer, aborting what is open.
  void close() {
    TransactionalWriter current = writer;
    writer = null;
    if (current != null) {
      writers.newThread(() -> current.close(Duration.ZERO)).start();
    }
  }
}
