package io.steward.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.harness.request.ModelRequest;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.Step;
import io.steward.simulation.SimulatedDatabase.Projected;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/// What the committed log says, and what must hold of it after every step and at rest.
final class Truth implements SimulatedKafka.Commits {
  private static final int COMPARED = 4;

  private final World world;
  private final Map<SessionId, SessionTruth> sessions = new TreeMap<>();
  private final Map<Integer, Long> positions = new HashMap<>();
  private final IdentityHashMap<ConsumerRecord<String, byte[]>, LoggedRecord> decoded =
      new IdentityHashMap<>();
  private final Map<String, Integer> effects = new TreeMap<>();
  private final Map<Integer, String> owners = new HashMap<>();

  private @Nullable Violation pending;

  Truth(World world) {
    this.world = world;
  }

  /// What a record of `session-events` says; decoded once for all that only look.
  LoggedRecord decoded(ConsumerRecord<String, byte[]> record) {
    return decoded.computeIfAbsent(record, Truth::decode);
  }

  private static LoggedRecord decode(ConsumerRecord<String, byte[]> record) {
    try {
      return World.FORMAT.decodeSession(record).orElseThrow();
    } catch (UnreadableRecordException e) {
      throw new IllegalStateException(e);
    }
  }

  private SessionTruth of(SessionId id) {
    return sessions.computeIfAbsent(id, SessionTruth::new);
  }

  /// Folds what has become stable.
  void observe() {
    if (pending != null) {
      throw pending;
    }
    for (int partition = 0; partition < world.partitions(); partition++) {
      PartitionLog log = world.kafka().log(Topics.SESSION_EVENTS, partition);
      long position = positions.getOrDefault(partition, 0L);
      for (long stable = log.stable(); position < stable; position++) {
        PartitionLog.Entry entry = log.at(position);
        ConsumerRecord<String, byte[]> record = entry.record();
        if (record != null && entry.counts()) {
          LoggedRecord logged = decoded(record);
          of(logged.sessionId()).read(logged);
        }
      }
      positions.put(partition, position);
    }
  }

  /// A new owner has done the hand-shake: nobody who owned the partition before may write.
  void tookOver(int partition, String node) {
    owners.put(partition, node);
  }

  @Override
  public void committing(Transaction transaction) {
    int partition =
        transaction.partitions().isEmpty()
            ? -1
            : transaction.partitions().first().name().partition();
    String owner = owners.get(partition);
    if (owner != null && !owner.equals(transaction.writer())) {
      found(
          new Violation(
              "a fenced owner of partition %d, which is %s's, writes: %s"
                  .formatted(partition, owner, transaction.writer())));
    }
  }

  /// A violation that production code would catch if it were thrown now.
  private void found(Violation violation) {
    pending = pending == null ? violation : pending;
  }

  /// The first byte of a command runs.
  void ran(String toolUseId) {
    if (effects.merge(toolUseId, 1, Integer::sum) > 1) {
      found(new Violation("a tool call ran twice: " + toolUseId));
    }
  }

  /// A client was told that its event is accepted.
  void accepted(SessionId session, SessionEvent event) {
    of(session).accepted(event.id());
  }

  /// The database holds this of a session.
  void projected(SessionId id, Projected row) {
    if (row.position() % COMPARED != 0) {
      return; // All are compared at rest.
    }
    Session expected = of(id).at(row.position());
    Violation.unless(row.session().equals(expected), "the projection differs from the log", row);
  }

  /// The model sees every call with exactly one result.
  void asked(ModelRequest request) {
    try {
      check(request);
    } catch (Violation e) {
      found(e);
    }
  }

  private static void check(ModelRequest request) {
    Set<String> open = new HashSet<>();
    for (JsonNode message : request.messages()) {
      for (JsonNode block : message.path("content")) {
        switch (block.path("type").asText()) {
          case "tool_use" ->
              Violation.unless(
                  open.add(block.path("id").asText()), "the model sees a call twice", block);
          case "tool_result" ->
              Violation.unless(
                  open.remove(block.path("tool_use_id").asText()),
                  "the model sees a result without its call",
                  block);
          default -> {}
        }
      }
    }
    Violation.unless(open.isEmpty(), "the model sees calls without results", open);
  }

  int unknownOutcomes() {
    return sessions.values().stream().mapToInt(SessionTruth::unknownOutcomes).sum();
  }

  int toolRuns() {
    return effects.size();
  }

  int records() {
    return sessions.values().stream().mapToInt(SessionTruth::records).sum();
  }

  /// Whether nothing is left to do for any session, and the database knows it.
  boolean isAtRest() {
    for (int partition = 0; partition < world.partitions(); partition++) {
      long end = world.kafka().log(Topics.SESSION_EVENTS, partition).end();
      if (positions.getOrDefault(partition, 0L) < end
          || world.database().position(partition) < end) {
        return false;
      }
    }
    return world.kafka().isQuiet() && sessions.values().stream().allMatch(SessionTruth::rests);
  }

  /// What must hold when everything has come to rest.
  void checkAtRest() {
    sessions.forEach((id, truth) -> {
      truth.checkAtRest(effects);
      Session projected = world.database().session(id, Long.MAX_VALUE).session();
      Violation.unless(
          projected.equals(truth.session()), "the projection differs from the log", projected);
    });
    effects
        .keySet()
        .forEach(call ->
            Violation.unless(
                sessions.values().stream().anyMatch(session -> session.knows(call)),
                "a command ran that the log does not know",
                call));
  }

  /// Where everybody stands.
  String explain() {
    StringBuilder text = new StringBuilder();
    sessions.forEach((id, truth) ->
        text.append(id)
            .append(' ')
            .append(truth.session().getClass().getSimpleName())
            .append(" step ")
            .append(Step.next(truth.session(), Step.Limits.UNBOUNDED))
            .append('\n'));
    for (int partition = 0; partition < world.partitions(); partition++) {
      PartitionLog log = world.kafka().log(Topics.SESSION_EVENTS, partition);
      text.append(
          "partition %d: end %d stable %d projected %d holder %s%n"
              .formatted(
                  partition,
                  log.end(),
                  log.stable(),
                  world.database().position(partition),
                  world.group().holder(partition)));
    }
    return text.toString();
  }
}
