package io.steward.bench.scenario;

import io.steward.bench.api.Conversation;
import io.steward.bench.api.Turn;
import io.steward.bench.load.OpenLoop;
import io.steward.bench.load.Recording;
import io.steward.bench.load.Schedule;
import io.steward.bench.report.Section;
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

  /// More than any cache holds: session-log keeps 20,000 of such sessions folded.
  private static final int FILLING = 30_000;

  private static final int TEMPLATES = 32;
  private static final int LONG_SESSIONS = 3; // an odd number, so that the median is one of them
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
    int first = ground.pick(FILLING, 500);
    Section section =
        new Section(
            name(),
            """
            Steward is stopped and started first, so that no cache holds what scenarios before left. Idle \
            sessions are copies, under new ids, of the records that session-log wrote for %d real \
            ones, written to `session-events` by a producer: session-log, harness and PostgreSQL take \
            them from there as they take every record. Memory is resident memory of all processes \
            together after full collections, without files in memory (PSS), its growth divided by the \
            sessions that came; the first %,d are not measured: they fill caches, whose size is bounded and \
            not theirs. Then sessions of %,d events are made by turns, and everything is stopped and \
            started again on the same data. They are woken one by one, idle ones at %.0f/s, each for the \
            first time after the start by its message: nobody has asked for it or opened its stream.\
            """
                .formatted(TEMPLATES, first, LONG_EVENTS, WAKE_RATE));
    ground.installation().restart();
    WarmUp.turns(ground, Duration.ofSeconds(ground.pick(10, 3)));
    SessionClones clones =
        new SessionClones(ground.installation().kafka(), RandomGenerator.getDefault());
    Map<String, List<ConsumerRecord<byte[], byte[]>>> templates = templates(ground, clones);
    List<String> sessions = new ArrayList<>(clones.write(templates, first));
    awaitProjected(ground, sessions);
    fill(ground, section, clones, templates, sessions);
    List<String> longOnes = longSessions(ground);
    restart(ground, section, sessions.size());
    wakeLong(ground, section, longOnes);
    wakeIdle(ground, section, sessions);
    return section;
  }

  /// The ids of real sessions of 10,000 events, made by many turns, all at the same time. They
  /// cannot be copies: harness would act on the half of one it had read.
  private static List<String> longSessions(Ground ground) throws Exception {
    try (Conversations sessions =
        ground.conversations(ground.pick(LONG_SESSIONS, 3), ground::plain)) {
      int events = longEvents(ground);
      OpenLoop.run(
              new Schedule(sessions.all().size(), Duration.ofMillis(1)),
              (index, _) -> {
                for (int done = 0; done < events; done += TURN_EVENTS) {
                  sessions.of(index).turn(Conversation.Wish.PLAIN);
                }
              })
          .orThrow();
      return sessions.all().stream().map(Conversation::id).toList();
    }
  }

  private static int longEvents(Ground ground) {
    return ground.pick(LONG_EVENTS, LONG_EVENTS / 10);
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

  /// Writes those that are missing, and measures them.
  private static void fill(
      Ground ground,
      Section section,
      SessionClones clones,
      Map<String, List<ConsumerRecord<byte[], byte[]>>> templates,
      List<String> sessions)
      throws Exception {
    int first = sessions.size();
    int count = ground.pick(SESSIONS, 1_000) - first;
    Heaps.collect(ground.installation());
    Usage before = Usage.now(ground.installation().pids());
    long startNanos = System.nanoTime();
    List<String> written = clones.write(templates, count);
    awaitProjected(ground, written);
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    sessions.addAll(written);
    Heaps.collect(ground.installation());
    Usage after = Usage.now(ground.installation().pids());
    String named = "from %,d to %,d idle sessions".formatted(first, sessions.size());
    section
        .figure("sessions/s taken from the log, " + named, count / seconds, Unit.PER_SECOND)
        .figure(
            "memory per idle session, " + named,
            (double) (after.ownBytes() - before.ownBytes()) / count,
            Unit.BYTES,
            ground.quick() ? null : Targets.IDLE_SESSION)
        .table(List.of("memory, " + named + ", MB", "before", "after"), rows(before, after));
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
    return String.format(java.util.Locale.ROOT, "%.1f", use.ownBytes() / 1e6);
  }

  /// Until the last session of each partition is there.
  private static void awaitProjected(Ground ground, List<String> written) throws Exception {
    long endNanos = System.nanoTime() + PROJECTED_MAX.toNanos();
    int count = written.size();
    for (String session : written.subList(Math.max(0, count - TEMPLATES), count)) {
      while (!ground.api().answers("/v1/sessions/" + session)) {
        if (System.nanoTime() > endNanos) {
          throw new IllegalStateException(session + " was not there after " + PROJECTED_MAX);
        }
        LockSupport.parkNanos(LOOK.toNanos());
      }
    }
  }

  private static void restart(Ground ground, Section section, int sessions) throws Exception {
    Duration start = ground.installation().restart();
    section.figure(
        "start → ready with %,d sessions in the log".formatted(sessions),
        start.toMillis() / 1e3,
        Unit.SECONDS,
        ground.quick() ? null : Targets.START);
    // Other sessions first: what is measured is a cold session, not a cold JVM.
    WarmUp.turns(ground, Duration.ofSeconds(ground.pick(45, 3)));
  }

  /// Few times: there is no p99 of them.
  private static void wakeLong(Ground ground, Section section, List<String> ids) throws Exception {
    Recording waking = new Recording();
    Recording listing = new Recording();
    for (String id : ids) {
      Conversation session = Conversation.unopened(ground.api(), ground.model(), id);
      long postNanos = System.nanoTime();
      Turn turn = session.turn(Conversation.Wish.PLAIN);
      waking.add(turn.exchange().requestsNanos().getFirst() - postNanos);
      long listNanos = System.nanoTime();
      ground.api().newestEvents(id, LIST_PAGE);
      listing.add(System.nanoTime() - listNanos);
    }
    String woken = "waking a session of %,d events, POST → model".formatted(longEvents(ground));
    String median = ", median of " + ids.size();
    section
        .figure(
            woken + median,
            waking.latencies().median(),
            Unit.MILLIS,
            ground.quick() ? null : Targets.WAKE_LONG)
        .figure(woken + ", max", waking.latencies().max(), Unit.MILLIS)
        .figure("its newest 1,000 events" + median, listing.latencies().median(), Unit.MILLIS)
        .figure("its newest 1,000 events, max", listing.latencies().max(), Unit.MILLIS);
  }

  private static void wakeIdle(Ground ground, Section section, List<String> sessions)
      throws Exception {
    SteadyTurns idle = new SteadyTurns();
    Schedule schedule = Schedule.atRate(WAKE_RATE, Duration.ofSeconds(ground.pick(15, 4)));
    List<String> left =
        new ArrayList<>(sessions.subList(sessions.size() - schedule.count(), sessions.size()));
    try (Conversations asleep =
        ground.conversations(
            schedule.count(),
            () -> Conversation.unopened(ground.api(), ground.model(), left.removeLast()))) {
      idle.run(schedule, asleep, Conversation.Wish.PLAIN);
    }
    section.latencies(
        "waking an idle session, POST → model", idle.toModel().latencies(), null, null);
  }
}
