package io.steward.bench.scenario;

import io.steward.bench.api.Conversation;
import io.steward.bench.load.Schedule;
import io.steward.bench.report.Plot;
import io.steward.bench.report.Section;
import io.steward.bench.report.Unit;
import io.steward.bench.scenario.Ground.Conversations;
import io.steward.bench.steward.MoreHarnesses;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The same load on one, two and three harness instances, on one machine: what sharing costs.
final class Instances implements Scenario {
  private static final int INSTANCES_MAX = 3;
  private static final int SESSIONS = 32;
  private static final double RATE = 20;

  @Override
  public String name() {
    return "instances";
  }

  @Override
  public Section run(Ground ground) throws Exception {
    Section section =
        new Section(
            name(),
            """
            Turns without tools in %d sessions, as many as they can do, then %.0f turns/s on a fixed \
            schedule, on 1, 2 and 3 harness instances that share the 8 partitions. All share one \
            machine: this shows what sharing costs; docs/bench/scaling.md says what more machines give.\
            """
                .formatted(SESSIONS, RATE));
    List<Plot.Point> rates = new ArrayList<>();
    try (MoreHarnesses more = new MoreHarnesses(ground.installation())) {
      for (int instances = 1; instances <= INSTANCES_MAX; instances++) {
        if (instances > 1) {
          more.start();
        }
        rates.add(new Plot.Point(instances, measure(ground, section, instances, more.pids())));
      }
    }
    ground.installation().awaitReady();
    return section.plot(
        new Plot(
            "instances.svg",
            "Turns a second on one machine",
            "harness instances",
            "turns/s",
            Plot.Scale.LINEAR,
            List.of(new Plot.Line("turns/s", rates))));
  }

  private static double measure(
      Ground ground, Section section, int instances, Map<String, Long> more) throws Exception {
    Map<String, Long> pids = new LinkedHashMap<>();
    pids.put("harness", ground.installation().pid("harness"));
    pids.putAll(more);
    Duration length = Duration.ofSeconds(ground.pick(10, 3));
    FullLoad load = FullLoad.run(ground, SESSIONS, length, pids);
    SteadyTurns steady = new SteadyTurns();
    try (Conversations sessions = ground.conversations(SESSIONS, ground::plain)) {
      steady.run(Schedule.atRate(RATE, length), sessions, Conversation.Wish.PLAIN);
    }
    String named = instances == 1 ? "1 instance" : instances + " instances";
    section
        .figure("turns/s, " + named, load.turnsPerSecond(), Unit.PER_SECOND)
        .figure(
            "processors of all harnesses, " + named,
            pids.keySet().stream().mapToDouble(load::processors).sum(),
            Unit.COUNT)
        .latencies("POST → model, " + named, steady.toModel().latencies(), null, null);
    return load.turnsPerSecond();
  }
}
