package io.steward.e2e.fault;

import io.steward.e2e.fault.check.Hit;
import io.steward.e2e.fault.crowd.Agents;
import io.steward.e2e.fault.crowd.Crowd;
import io.steward.e2e.fault.crowd.Rendezvous;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.Steward;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/// Rounds of sessions with random faults, on a Steward of its own: `./steward chaos`. The same seed
/// chooses the same faults; when exactly they hit depends on the machine.
public final class Chaos {
  private static final int STRIKES_MAX = 3;
  private static final double TWO_AT_ONCE = 0.25;
  private static final int PAUSE_MILLIS_MAX = 3_000;
  private static final double CALL_SECONDS_MAX = 1.5;

  private final Random random;
  private final Saboteur saboteur;
  private final Agents agents;
  private final ChaosFigures figures = new ChaosFigures();

  private Chaos(long seed, Stage stage) throws Exception {
    this.random = new Random(seed);
    this.saboteur = new Saboteur(stage);
    this.agents = Agents.on(stage);
  }

  /// @param arguments `--minutes M` and, if wanted, `--seed S`
  public static void main(String[] arguments) throws Exception {
    ChaosArguments wanted;
    try {
      wanted = ChaosArguments.parse(List.of(arguments));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    System.out.printf(
        "Chaos for %s minutes with seed %d; files are in %s%n",
        wanted.minutes(), wanted.seed(), Steward.target());
    Stage stage = Stage.set("chaos");
    Chaos chaos = new Chaos(wanted.seed(), stage);
    Thread stopping = new Thread(chaos::stopSteward);
    Runtime.getRuntime().addShutdownHook(stopping);
    boolean passed = chaos.run(wanted.length());
    Runtime.getRuntime().removeShutdownHook(stopping);
    chaos.saboteur.stage().close();
    System.exit(passed ? 0 : 1);
  }

  private boolean run(Duration length) throws Exception {
    long endNanos = System.nanoTime() + length.toNanos();
    int round = 0;
    while (System.nanoTime() < endNanos) {
      round++;
      List<Strike> strikes = strikes();
      Aftermath aftermath = round(strikes);
      System.out.println(figures.add(round, strikes, aftermath));
      if (!aftermath.violations().isEmpty()) {
        aftermath.violations().forEach(violation -> System.out.println("  - " + violation));
        Path file = Steward.target().resolve("reports/chaos-round-" + round + ".txt");
        aftermath.keep(file, strikes.toString(), saboteur.stage().steward().logTail());
        System.out.println("  everything about this round: " + file);
      }
    }
    System.out.println(figures.verdict());
    return figures.isPassed();
  }

  /// Processes that are hit at once, after a pause.
  record Strike(int pauseMillis, List<Victim> victims, List<Blow> blows) {
    @Override
    public String toString() {
      List<String> hits = new ArrayList<>();
      for (int i = 0; i < victims.size(); i++) {
        hits.add(victims.get(i) + " " + blows.get(i));
      }
      return String.join(" and ", hits);
    }
  }

  private List<Strike> strikes() {
    List<Strike> strikes = new ArrayList<>();
    int count = 1 + random.nextInt(STRIKES_MAX);
    for (int i = 0; i < count; i++) {
      List<Victim> victims = new ArrayList<>(List.of(any(Victim.values())));
      Victim other = any(Victim.values());
      if (random.nextDouble() < TWO_AT_ONCE && !victims.contains(other)) {
        victims.add(other);
      }
      List<Blow> blows = victims.stream().map(victim -> any(Blow.values())).toList();
      strikes.add(new Strike(random.nextInt(PAUSE_MILLIS_MAX), victims, blows));
    }
    return strikes;
  }

  private Aftermath round(List<Strike> strikes) throws Exception {
    saboteur.awaitReady();
    Rendezvous rendezvous = Rendezvous.none();
    long callSeed = random.nextLong();
    try (Crowd crowd =
        Crowd.gather(
            saboteur.stage(),
            agents,
            rendezvous,
            step -> new Random(callSeed + step).nextDouble() * CALL_SECONDS_MAX)) {
      long beginNanos = System.nanoTime();
      List<Hit> hits = new ArrayList<>();
      for (Strike strike : strikes) {
        LockSupport.parkNanos(Duration.ofMillis(strike.pauseMillis()).toNanos());
        hits.addAll(perform(strike, rendezvous));
      }
      rendezvous.finish();
      Aftermath aftermath = Aftermath.of(crowd, hits, beginNanos);
      if (aftermath.violations().isEmpty()) {
        crowd.delete();
      }
      return aftermath;
    }
  }

  private List<Hit> perform(Strike strike, Rendezvous rendezvous) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<CompletableFuture<Hit>> hits = new ArrayList<>();
      for (int i = 0; i < strike.victims().size(); i++) {
        Victim victim = strike.victims().get(i);
        Blow blow = strike.blows().get(i);
        hits.add(
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return saboteur.strike(victim, blow, rendezvous::begin).hit();
                  } catch (Exception e) {
                    throw new CompletionException(e);
                  }
                },
                threads));
      }
      return hits.stream().map(CompletableFuture::join).toList();
    }
  }

  private void stopSteward() {
    try {
      ProcessHandle.of(saboteur.stage().steward().pid("devbox")).ifPresent(ProcessHandle::destroy);
    } catch (java.io.IOException e) {
      System.err.println("The Steward of this run is gone already: " + e.getMessage());
    }
  }

  private <T> T any(T[] choice) {
    return choice[random.nextInt(choice.length)];
  }
}
