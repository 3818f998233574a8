package io.steward.bench.scenario;

import io.steward.bench.api.Conversation;
import io.steward.bench.report.Markdown;
import io.steward.bench.report.Plot;
import io.steward.bench.report.Section;
import io.steward.bench.report.Targets;
import io.steward.bench.report.Unit;
import io.steward.bench.steward.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How much it can do, and with what.
final class Throughput implements Scenario {
  private static final List<Integer> SESSIONS = List.of(1, 8, 32, 128);
  private static final int TARGET_SESSIONS = 32;
  private static final int BURST = 100;
  private static final int COUNTED_TURNS = 10;
  private static final int LIST_MAX = 1_000;
  private static final double MEGABYTE = 1e6;
  private static final String SELF = "bench";

  @Override
  public String name() {
    return "throughput";
  }

  @Override
  public Section run(Ground ground) throws Exception {
    Section section =
        new Section(
            name(),
            """
            Sessions whose next turn begins when the last one is over, without tools, the model at zero \
            delay; until the lists of all sessions had the last event. Events are those the API lists. \
            The burst sends %d interrupts in each POST to sessions that rest, and the next when the list \
            has all of them processed: appended, decided, projected, no model. Processors are shares of one, memory is resident \
            with shared pages divided (PSS); `bench` is clients and model together.\
            """
                .formatted(BURST));
    Map<String, Long> pids = new LinkedHashMap<>(ground.installation().pids());
    pids.put(SELF, ProcessHandle.current().pid());
    Duration length = Duration.ofSeconds(ground.pick(10, 3));
    int eventsOfTurn = eventsOfTurn(ground);
    List<FullLoad> loads = new ArrayList<>();
    for (int sessions : SESSIONS) {
      FullLoad load = FullLoad.run(ground, sessions, length, pids);
      loads.add(load);
      section
          .figure(
              "turns/s at " + sessions + " sessions",
              load.turnsPerSecond(),
              Unit.PER_SECOND,
              sessions == TARGET_SESSIONS ? Targets.TURNS : null)
          .figure(
              "events/s at " + sessions + " sessions",
              load.turnsPerSecond() * eventsOfTurn,
              Unit.PER_SECOND);
    }
    section
        .figure(
            "events/s, bursts of " + BURST + " in " + TARGET_SESSIONS + " sessions",
            Bursts.eventsPerSecond(ground, TARGET_SESSIONS, BURST, length),
            Unit.PER_SECOND,
            Targets.EVENTS)
        .table(head(loads), rows(loads, pids))
        .plot(plot(loads));
    return section;
  }

  /// How many events the API lists of one turn.
  private static int eventsOfTurn(Ground ground) throws Exception {
    try (Conversation session = ground.plain()) {
      for (int i = 0; i < COUNTED_TURNS; i++) {
        session.turn(Conversation.Wish.PLAIN);
      }
      int events = ground.api().newestEvents(session.id(), LIST_MAX).path("data").size();
      return Math.round((float) events / COUNTED_TURNS);
    }
  }

  private static List<String> head(List<FullLoad> loads) {
    List<String> head = new ArrayList<>(List.of("processors, memory in MB"));
    loads.forEach(load -> head.add(load.sessions() + " sessions"));
    return head;
  }

  private static List<List<String>> rows(List<FullLoad> loads, Map<String, Long> pids) {
    List<List<String>> rows = new ArrayList<>();
    for (String name : pids.keySet()) {
      List<String> row = new ArrayList<>(List.of(name));
      for (FullLoad load : loads) {
        Usage.Use use = load.after().of().get(name);
        row.add(
            use == null
                ? ""
                : Markdown.number(load.processors(name))
                    + ", "
                    + Markdown.number(Math.rint(use.memoryBytes() / MEGABYTE)));
      }
      rows.add(row);
    }
    List<String> medians = new ArrayList<>(List.of("median and p99 of a turn, ms"));
    for (FullLoad load : loads) {
      medians.add(
          Markdown.number(load.times().latencies().median())
              + ", "
              + Markdown.number(load.times().latencies().p99()));
    }
    rows.add(medians);
    return rows;
  }

  private static Plot plot(List<FullLoad> loads) {
    return new Plot(
        "throughput.svg",
        "Turns a second",
        "sessions",
        "turns/s",
        Plot.Scale.LOGARITHMIC,
        List.of(
            new Plot.Line(
                "turns/s",
                loads.stream()
                    .map(load -> new Plot.Point(load.sessions(), load.turnsPerSecond()))
                    .toList())));
  }
}
