package io.steward.simulation;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.record.LoggedRecord;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.record.SessionRecordCodec;
import io.steward.schemas.session.Admission;
import io.steward.schemas.session.Session;
import io.steward.simulation.SimulatedDatabase.Projected;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// One process of session-log: production's admission and fold around a simulated database. The
/// rules of the projection, the barrier and the answers follow its `project` and `query` packages.
final class SessionLogInstance {
  private static final Duration BARRIER_MAX = Duration.ofMillis(600);
  private static final Duration QUESTION_MAX = Duration.ofSeconds(2);
  private static final int RECORDS_MAX = 16;
  private static final int LOST_REPLY = 20;

  private final World world;
  private final Node node;
  private final Map<SessionId, Projected> known = new HashMap<>();
  private final Map<Integer, Long> positions = new HashMap<>();
  private final Map<Integer, Long> written = new HashMap<>();

  SessionLogInstance(World world, Node node) {
    this.world = world;
    this.node = node;
    for (int partition = 0; partition < world.partitions(); partition++) {
      int number = partition;
      node.spawn("projection-" + number, () -> project(number));
    }
    node.spawn("questions", this::answer);
  }

  Node node() {
    return node;
  }

  // ---- projecting

  private void project(int partition) {
    PartitionLog log = world.kafka().log(Topics.SESSION_EVENTS, partition);
    long position = world.database().position(partition);
    long stored = position;
    positions.put(partition, stored);
    while (true) {
      long from = position;
      world.schedule().await(() -> log.stable() > from);
      PartitionLog.Fetched fetched =
          log.fetch(position, true, 1 + world.schedule().random().nextInt(RECORDS_MAX));
      Map<SessionId, Projected> rows = fold(fetched.records());
      long after = fetched.position();
      if (world.has(SeededBug.POSITION_WITHOUT_MARKERS)) {
        after = fetched.records().isEmpty() ? stored : fetched.records().getLast().offset() + 1;
      }
      stored = store(partition, stored, after, rows);
      position = fetched.position();
      positions.put(partition, world.has(SeededBug.POSITION_WITHOUT_MARKERS) ? stored : position);
    }
  }

  private Map<SessionId, Projected> fold(List<ConsumerRecord<String, byte[]>> records) {
    Map<SessionId, Projected> rows = new LinkedHashMap<>();
    for (ConsumerRecord<String, byte[]> record : records) {
      LoggedRecord logged = world.truth().decoded(record);
      SessionId id = logged.sessionId();
      Projected recent = rows.getOrDefault(id, known.get(id));
      Session before =
          recent != null && recent.position() <= logged.offset()
              ? recent.session()
              : world.database().session(id, logged.offset()).session();
      Projected now = new Projected(before.apply(logged), logged.offset() + 1);
      known.merge(id, now, (old, fresh) -> old.position() < fresh.position() ? fresh : old);
      rows.put(id, now);
    }
    return rows;
  }

  private long store(int partition, long before, long after, Map<SessionId, Projected> rows) {
    long stored = before;
    long wanted = after;
    while (true) {
      world.pause();
      if (world.has(SeededBug.POSITION_BEFORE_ROWS)) {
        world.database().write(partition, stored, wanted, Map.of());
        world.pause();
        stored = world.database().position(partition);
      }
      if (world.database().write(partition, stored, wanted, rows)) {
        rows.forEach(world.truth()::projected);
        world.pause();
        return wanted;
      }
      stored = world.database().position(partition);
      wanted = Math.max(wanted, stored);
    }
  }

  // ---- reading

  Session known(SessionId id) {
    Projected row = known.get(id);
    return row == null ? world.database().session(id, Long.MAX_VALUE).session() : row.session();
  }

  /// @return whether everything that is on the log now, and what this replica wrote, is projected
  private boolean barrier(int partition) {
    world.pause();
    long stable = world.kafka().log(Topics.SESSION_EVENTS, partition).stable();
    long target = Math.max(stable, written.getOrDefault(partition, 0L));
    return world
        .schedule()
        .await(() -> positions.getOrDefault(partition, 0L) >= target, BARRIER_MAX);
  }

  private void answer() {
    while (true) {
      world.schedule().await(() -> !world.questions().isEmpty());
      SnapshotQuestion question = world.questions().pollFirst();
      if (question != null) {
        if (world.fault(12)) {
          world.questions().add(question); // Delivered twice.
        }
        node.spawn("answer", () -> answer(question));
      }
    }
  }

  private void answer(SnapshotQuestion question) {
    boolean covered =
        world
            .schedule()
            .await(
                () -> positions.getOrDefault(question.partition(), 0L) >= question.offset(),
                QUESTION_MAX);
    if (!covered) {
      return;
    }
    List<Session> sessions =
        question
            .session()
            .map(id -> List.of(known(id)))
            .orElseGet(() ->
                world.database().unfinished(question.partition()).stream()
                    .map(session -> session.known().orElseThrow().id())
                    .map(this::known)
                    .toList());
    question.answer(
        sessions.stream().filter(session -> !(session instanceof Session.Absent)).toList());
  }

  // ---- sending

  /// Takes events of a client, as `POST /v1/sessions/{id}/events` does.
  void send(ClientRequest request) {
    node.spawn(
        "send",
        () -> {
          world.pause();
          request.reply(take(request));
        });
  }

  private ClientRequest.Reply take(ClientRequest request) {
    SessionId id = request.session();
    Admission admission = Admission.of(known(id), request.events());
    if (admission instanceof Admission.Refused || world.schedule().oneIn(3)) {
      if (!barrier(id.partition())) {
        return ClientRequest.Reply.UNAVAILABLE;
      }
      admission = Admission.of(known(id), request.events());
    }
    if (!(admission instanceof Admission.Admitted(var _, var append))) {
      return ClientRequest.Reply.REFUSED;
    }
    if (append.isEmpty()) {
      return ClientRequest.Reply.ACCEPTED;
    }
    if (world.has(SeededBug.ACCEPTS_BEFORE_APPEND)) {
      request.reply(ClientRequest.Reply.ACCEPTED);
    }
    world.pause();
    return append(id, new SessionRecord.EventsSent(append));
  }

  private ClientRequest.Reply append(SessionId id, SessionRecord body) {
    Envelope envelope =
        Envelope.of(
            world.id("rec_"),
            SessionRecordCodec.type(body),
            "/services/session-log",
            id.value(),
            node.instant());
    long offset = world.kafka().append(World.FORMAT.encodeSession(id, envelope, body));
    world.trace(node, "appends", SessionRecordCodec.type(body) + " at " + offset);
    world.pause();
    if (world.fault(LOST_REPLY)) {
      if (!world.has(SeededBug.APPENDS_TWICE)) {
        return ClientRequest.Reply.UNAVAILABLE;
      }
      return append(id, body);
    }
    written.merge(id.partition(), offset + 1, Math::max);
    return ClientRequest.Reply.ACCEPTED;
  }
}
