package io.steward.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.LogManager;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// `./steward simulate`: runs seeds on all cores and prints a verdict. Ends with 0 when nothing was
/// violated, 1 when something was, 2 when the options make no sense.
public final class Simulate {
  private static final Duration PROGRESS = Duration.ofSeconds(30);
  private static final int FAILURES_MAX = 5;
  private static final long SEEDS = 1_000;
  private static final long MINUTES_MAX = 10_000;
  private static final double NANOS = 1e9;
  private static final List<String> OPTIONS =
      List.of("--seeds", "--from", "--seed", "--bug", "--minutes");

  private final long from;
  private final long count;
  private final Duration longest;
  private final @Nullable SeededBug bug;
  private final long began = System.nanoTime();
  private final AtomicLong next = new AtomicLong();
  private final AtomicReference<Totals> totals = new AtomicReference<>(Totals.NONE);
  private final ConcurrentLinkedQueue<Simulation.Outcome> failures = new ConcurrentLinkedQueue<>();

  /// @param longest no seed is begun after it
  private Simulate(long from, long count, Duration longest, @Nullable SeededBug bug) {
    this.from = from;
    this.count = count;
    this.longest = longest;
    this.bug = bug;
  }

  public static void main(String[] arguments) throws InterruptedException {
    Simulate simulate;
    try {
      simulate = of(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    if (simulate.count > 1) {
      LogManager.getLogManager().reset(); // The services log of trouble, which is all there is.
    }
    System.exit(simulate.run() ? 0 : 1);
  }

  private static Simulate of(String[] arguments) {
    Map<String, String> options = new TreeMap<>();
    for (int i = 0; i < arguments.length; i += 2) {
      if (!OPTIONS.contains(arguments[i])) {
        throw new IllegalArgumentException(
            "simulate has no option "
                + arguments[i]
                + ", only "
                + String.join(", ", OPTIONS)
                + ".");
      }
      options.put(arguments[i], i + 1 < arguments.length ? arguments[i + 1] : "");
    }
    String one = options.get("--seed");
    String bug = options.get("--bug");
    return new Simulate(
        one == null ? number(options, "--from", 0) : number(options, "--seed", 0),
        one == null ? number(options, "--seeds", SEEDS) : 1,
        Duration.ofMinutes(number(options, "--minutes", MINUTES_MAX)),
        bug == null ? null : bug(bug));
  }

  private static long number(Map<String, String> options, String option, long otherwise) {
    String value = options.get(option);
    try {
      return value == null ? otherwise : Long.parseLong(value);
    } catch (NumberFormatException _) {
      throw new IllegalArgumentException(
          option + " must be a whole number, not \"" + value + "\".");
    }
  }

  private static SeededBug bug(String name) {
    return Arrays.stream(SeededBug.values())
        .filter(bug -> bug.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "--bug must be one of "
                    + Arrays.toString(SeededBug.values())
                    + ", not \""
                    + name
                    + "\"."));
  }

  private boolean run() throws InterruptedException {
    System.out.printf(
        "Seeds %d to %d%s%n", from, from + count - 1, bug == null ? "" : " with " + bug);
    List<Thread> threads = new ArrayList<>();
    for (int left = Runtime.getRuntime().availableProcessors(); left > 0; left--) {
      threads.add(Thread.ofPlatform().start(this::work));
    }
    for (Thread thread : threads) {
      while (!thread.join(PROGRESS)) {
        System.out.println(progress());
      }
    }
    System.out.println(totals.get());
    System.out.println(progress());
    boolean good = failures.isEmpty() && (totals.get().seeds() == count || isTimeOver());
    System.out.println(good ? "Verdict: no violation." : "Verdict: VIOLATED, see above.");
    return good;
  }

  private String progress() {
    double seconds = (System.nanoTime() - began) / NANOS;
    return "%,d of %,d seeds in %.0f s, %.0f seeds/s, %d violations"
        .formatted(
            totals.get().seeds(), count, seconds, totals.get().seeds() / seconds, failures.size());
  }

  private boolean isTimeOver() {
    return System.nanoTime() - began > longest.toNanos();
  }

  private void work() {
    for (long i = next.getAndIncrement();
        i < count && failures.size() < FAILURES_MAX && !isTimeOver();
        i = next.getAndIncrement()) {
      Simulation.Outcome outcome = Simulation.run(from + i, bug);
      totals.updateAndGet(now -> now.plus(outcome));
      if (outcome.violation() != null) {
        failures.add(outcome);
        System.out.println(outcome.report(bug).collect(Collectors.joining(System.lineSeparator())));
      }
    }
  }
}
