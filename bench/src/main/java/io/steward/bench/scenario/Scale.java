package io.steward.bench.scenario;

import io.steward.bench.api.Conversation;
import io.steward.bench.load.OpenLoop;
import io.steward.bench.load.Recording;
import io.steward.bench.load.Schedule;
import io.steward.bench.report.Section;
import io.steward.bench.report.Target;
import io.steward.bench.report.Targets;
import io.steward.bench.report.Unit;
import io.steward.bench.scenario.Ground.Conversations;
import io.steward.bench.steward.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Very many sessions that do nothing, and a few very long ones.
final class Scale implements Scenario {
  private static final int SESSIONS = 100_000;
  private static final int TEMPLATES = 32;
  private static final int LONG_SESSIONS = 2;
  private static final int LONG_EVENTS = 10_000;
  private static final int TURN_EVENTS = 8; // without tools
  private static final int LIST_PAGE = 1_000;
  private static final Duration PROJECTED_MAX = Duration.ofMinutes(3);
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final double WAKE_RATE = 10;

  @Override
  public String name() {
    return "scale";
  }

  @Override
  public Section run(Ground ground) throws Exception {
    Section section =
        new Section(
            name(),
            """
            Idle sessions are copies, under new ids, of the records that session-log wrote for %d real \
            ones, written to `session-events` by a producer: session-log, harness and PostgreSQL take \
            them from there as they take every record. Memory is resident memory of all processes \
            together after a collection (PSS; without Kafka's page cache), its growth divided by the \
            sessions. Then everything is stopped and started again on the same data; idle ones are woken \
            at %.0f/s, and sessions of %,d events one by one, each for the first time after the start.\
            """
                .formatted(TEMPLATES, WAKE_RATE, LONG_EVENTS));
    List<Conversation> longOnes = longSessions(ground);
    try {
      SessionClones clones =
          new SessionClones(ground.installation().kafka(), RandomGenerator.getDefault());
      Map<String, List<ConsumerRecord<byte[], byte[]>>> templates = templates(ground, clones);
      List<String> sessions = new ArrayList<>();
      fill(ground, section, clones, templates, sessions, ground.pick(10_000, 1_000));
      if (!ground.quick()) {
        fill(ground, section, clones, templates, sessions, SESSIONS - sessions.size());
      }
      longOnes.forEach(Conversation::close);
      restart(ground, section, sessions, longOnes.stream().map(Conversation::id).toList());
    } finally {
      longOnes.forEach(Conversation::close);
    }
    return section;
  }

  /// Real sessions of 10,000 events, made by many turns.
  private static List<Conversation> longSessions(Ground ground) throws Exception {
    try (Conversations sessions =
        ground.conversations(ground.pick(LONG_SESSIONS, 1), ground::plain)) {
      int events = ground.pick(LONG_EVENTS, LONG_EVENTS / 10);
      OpenLoop.run(
              new Schedule(sessions.all().size(), Duration.ofMillis(1)),
              (index, _) -> {
                for (int done = 0; done < events; done += TURN_EVENTS) {
                  sessions.of(index).turn(Conversation.Wish.PLAIN);
                }
              })
          .orThrow();
      return sessions.all();
    }
  }

  private static Map<String, List<ConsumerRecord<byte[], byte[]>>> templates(
      Ground ground, SessionClones clones) throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < TEMPLATES; i++) {
      ids.add(ground.plainSession());
    }
    Map<String, List<ConsumerRecord<byte[], byte[]>>> templates = new LinkedHashMap<>();
    List<ConsumerRecord<byte[], byte[]>> records = clones.records(ids);
    for (String id : ids) {
      templates.put(
          id,
          records.stream()
              .filter(record ->
                  new String(record.key(), java.nio.charset.StandardCharsets.UTF_8)
                      .startsWith(id + "/"))
              .toList());
    }
    return templates;
  }

  private static void fill(
      Ground ground,
      Section section,
      SessionClones clones,
      Map<String, List<ConsumerRecord<byte[], byte[]>>> templates,
      List<String> sessions,
      int count)
      throws Exception {
    Heaps.collect(ground.installation());
    Usage before = Usage.now(ground.installation().pids());
    long startNanos = System.nanoTime();
    List<String> written = clones.write(templates, count);
    awaitProjected(ground, written.subList(Math.max(0, count - TEMPLATES), count));
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    sessions.addAll(written);
    Heaps.collect(ground.installation());
    Usage after = Usage.now(ground.installation().pids());
    String named = "%,d idle sessions".formatted(sessions.size());
    section
        .figure("sessions/s taken from the log, until " + named, count / seconds, Unit.PER_SECOND)
        .figure(
            "memory per idle session, " + named,
            (double) (after.memoryBytes() - before.memoryBytes()) / count,
            Unit.BYTES,
            sessions.size() == SESSIONS ? Targets.IDLE_SESSION : null)
        .table(List.of("memory with " + named + ", MB", "before", "after"), rows(before, after));
  }

  private static List<List<String>> rows(Usage before, Usage after) {
    List<List<String>> rows = new ArrayList<>();
    after
        .of()
        .forEach((name, use) -> {
          Usage.Use then = before.of().get(name);
          rows.add(List.of(name, then == null ? "" : megabytes(then), megabytes(use)));
        });
    return rows;
  }

  private static String megabytes(Usage.Use use) {
    return String.format(java.util.Locale.ROOT, "%.1f", use.memoryBytes() / 1e6);
  }

  private static void awaitProjected(Ground ground, List<String> last) throws Exception {
    long endNanos = System.nanoTime() + PROJECTED_MAX.toNanos();
    for (String session : last) {
      while (!ground.api().answers("/v1/sessions/" + session)) {
        if (System.nanoTime() > endNanos) {
          throw new IllegalStateException(session + " was not there after " + PROJECTED_MAX);
        }
        LockSupport.parkNanos(LOOK.toNanos());
      }
    }
  }

  private static void restart(
      Ground ground, Section section, List<String> sessions, List<String> longOnes)
      throws Exception {
    Duration start = ground.installation().restart();
    Target startTarget = ground.quick() ? null : Targets.START;
    section.figure(
        "start → ready with %,d sessions in the log".formatted(sessions.size()),
        start.toMillis() / 1e3,
        Unit.SECONDS,
        startTarget);
    Recording wakeLong = new Recording();
    Recording listing = new Recording();
    // Other sessions first: what is measured is a cold session, not a cold JVM.
    WarmUp.turns(ground, Duration.ofSeconds(ground.pick(60, 3)));
    for (String id : longOnes) {
      try (Conversation session = Conversation.open(ground.api(), ground.model(), id, false)) {
        long postNanos = System.nanoTime();
        wakeLong.add(
            session.turn(Conversation.Wish.PLAIN).exchange().requestsNanos().getFirst()
                - postNanos);
        long listNanos = System.nanoTime();
        ground.api().newestEvents(id, LIST_PAGE);
        listing.add(System.nanoTime() - listNanos);
      }
    }
    SteadyTurns idle = new SteadyTurns();
    Schedule schedule = Schedule.atRate(WAKE_RATE, Duration.ofSeconds(ground.pick(15, 4)));
    List<String> woken = sessions.subList(sessions.size() - schedule.count(), sessions.size());
    List<String> left = new ArrayList<>(woken);
    try (Conversations open =
        ground.conversations(
            schedule.count(),
            () -> Conversation.open(ground.api(), ground.model(), left.removeLast(), false))) {
      idle.run(schedule, open, Conversation.Wish.PLAIN);
    }
    section
        .latencies(
            "waking a session of %,d events, POST → model"
                .formatted(ground.pick(LONG_EVENTS, LONG_EVENTS / 10)),
            wakeLong.latencies(),
            ground.quick() ? null : Targets.WAKE_LONG,
            null)
        .latencies("its newest 1,000 events", listing.latencies(), null, null)
        .latencies("waking an idle session, POST → model", idle.toModel().latencies(), null, null);
  }
}
