package io.steward.simulation;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One run of the world: trouble for a while, then calm until everything rests.
final class Simulation {
  private static final int TROUBLE_STEPS_MIN = 1_000;
  private static final int TROUBLE_STEPS_MAX = 3_000;
  private static final int CALM_STEPS_MAX = 60_000;
  private static final int REST_LOOK = 16;
  private static final int STALL_STEPS_MAX = 600;
  private static final int TRACE_LINES = 60;

  private final long seed;
  private final World world;
  private final RandomGenerator random;
  private final List<Later> later = new ArrayList<>();
  private int crashes;
  private int pauses;

  /// Something that will be undone.
  private record Later(long step, Runnable action) {}

  /// What came of a run.
  ///
  /// @param violation what went wrong, or null
  /// @param trace the last things that happened, when something went wrong
  record Outcome(
      long seed,
      @Nullable String violation,
      List<String> trace,
      long steps,
      int crashes,
      int pauses,
      int takeOvers,
      int transactions,
      int records,
      int toolRuns,
      int unknownOutcomes,
      long fingerprint) {

    /// What a person wants to know about a violation; nothing when there is none.
    Stream<String> report(@Nullable SeededBug bug) {
      if (violation == null) {
        return Stream.empty();
      }
      String again =
          "Again: ./steward simulate --seed " + seed + (bug == null ? "" : " --bug " + bug);
      return Stream.concat(trace.stream(), Stream.of("Seed " + seed + ": " + violation, again));
    }
  }

  private Simulation(long seed, @Nullable SeededBug bug) {
    this.seed = seed;
    this.world = new World(seed, bug);
    this.random = world.schedule().random();
  }

  static Outcome run(long seed, @Nullable SeededBug bug) {
    return new Simulation(seed, bug).run();
  }

  private Outcome run() {
    try {
      world.startSessionLog();
      world.startSessionLog();
      world.startSandbox();
      for (int left = 2 + random.nextInt(2); left > 0; left--) {
        world.startHarness();
      }
      int steps = TROUBLE_STEPS_MIN + random.nextInt(TROUBLE_STEPS_MAX - TROUBLE_STEPS_MIN);
      for (int step = 0; step < steps; step++) {
        trouble();
        undo(false);
        world.step();
      }
      rest();
      world.truth().checkAtRest();
      return outcome(null, List.of());
    } catch (Violation e) {
      return outcome(String.valueOf(e.getMessage()), world.schedule().lastLines(TRACE_LINES));
    } catch (RuntimeException | Error e) {
      List<String> lines = new ArrayList<>(world.schedule().lastLines(TRACE_LINES));
      lines.add(stack(e));
      return outcome("it failed: " + e, lines);
    }
  }

  private static String stack(Throwable e) {
    StringWriter text = new StringWriter();
    e.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private void rest() {
    world.calmDown();
    undo(true);
    world.schedule().endStalls();
    for (int step = 0; step < CALM_STEPS_MAX; step++) {
      world.step();
      if (step % REST_LOOK == 0 && world.truth().isAtRest()) {
        return;
      }
    }
    throw new Violation("it does not come to rest: " + world.truth().explain());
  }

  private void undo(boolean all) {
    long now = world.schedule().steps();
    for (Later due : List.copyOf(later)) {
      if (all || due.step() <= now) {
        later.remove(due);
        due.action().run();
      }
    }
  }

  private void after(int stepsMax, Runnable action) {
    later.add(new Later(world.schedule().steps() + 1 + random.nextInt(stepsMax), action));
  }

  private void trouble() {
    switch (random.nextInt(1_000)) {
      case 0, 1, 2 -> crashHarness();
      case 3 -> crashSessionLog();
      case 4, 5 -> crashSandbox();
      case 6, 7, 8, 9, 10 -> pause(anyNode());
      case 11, 12, 13, 14, 15, 16, 17, 18 -> world.schedule().stall(STALL_STEPS_MAX);
      case 19, 20, 21, 22, 23, 24 -> loseSandbox();
      case 25, 26, 27 -> world.group().rebalance();
      case 28, 29 -> skew(anyNode());
      default -> {}
    }
  }

  private <T> @Nullable T any(List<T> all) {
    return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
  }

  private @Nullable Node anyNode() {
    List<Node> nodes = new ArrayList<>();
    world.harnesses().forEach(harness -> nodes.add(harness.node()));
    world.harnesses().forEach(harness -> nodes.add(harness.node()));
    world.sessionLogs().forEach(sessionLog -> nodes.add(sessionLog.node()));
    world.sandboxes().forEach(sandbox -> nodes.add(sandbox.node()));
    return any(nodes);
  }

  private void crash(Node node, Runnable restart) {
    crashes++;
    world.trace(node, "crashes", null);
    node.kill();
    after(300, restart);
  }

  private void crashHarness() {
    HarnessInstance harness = any(world.harnesses());
    if (harness != null) {
      world.harnesses().remove(harness);
      crash(harness.node(), world::startHarness);
    }
  }

  private void crashSessionLog() {
    SessionLogInstance sessionLog = any(world.sessionLogs());
    if (sessionLog != null) {
      world.sessionLogs().remove(sessionLog);
      crash(sessionLog.node(), world::startSessionLog);
    }
  }

  private void crashSandbox() {
    SandboxInstance sandbox = any(world.sandboxes());
    if (sandbox != null) {
      world.sandboxes().remove(sandbox);
      sandbox.sandboxes().keySet().forEach(sandbox::lose);
      crash(sandbox.node(), world::startSandbox);
    }
  }

  private void loseSandbox() {
    SandboxInstance service = any(world.sandboxes());
    if (service != null) {
      service.sandboxes().keySet().stream().sorted().findFirst().ifPresent(service::lose);
    }
  }

  /// Stops a process and lets it go on later, as a zombie perhaps.
  private void pause(@Nullable Node node) {
    if (node != null && !node.isPaused()) {
      pauses++;
      world.trace(node, "is stopped", null);
      node.pause(true);
      after(
          1_000,
          () -> {
            world.trace(node, "goes on", null);
            node.pause(false);
            if (random.nextBoolean()) {
              world.schedule().stall(node, HarnessInstance.READER, STALL_STEPS_MAX);
            }
          });
    }
  }

  private void skew(@Nullable Node node) {
    if (node != null) {
      Duration off = Duration.ofMillis(random.nextInt(10_000) - 5_000);
      world.trace(node, "has another time, off by", off);
      node.skew(off);
    }
  }

  private Outcome outcome(@Nullable String violation, List<String> trace) {
    return new Outcome(
        seed,
        violation,
        trace,
        world.schedule().steps(),
        crashes,
        pauses,
        world.takeOvers(),
        world.kafka().transactions(),
        world.truth().records(),
        world.truth().toolRuns(),
        world.truth().unknownOutcomes(),
        world.schedule().fingerprint());
  }
}
