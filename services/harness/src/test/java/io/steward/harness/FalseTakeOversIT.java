package io.steward.harness;

import io.steward.harness.stage.Figures;
import io.steward.harness.stage.HarnessProcess;
import io.steward.harness.stage.Reply;
import io.steward.harness.stage.ScriptedModel.Script;
import io.steward.harness.stage.Stage;
import io.steward.schemas.id.SessionId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// How many partitions move, and how many model calls are repeated, although nobody died, when all
/// processors are busy: for several session timeouts side by side, each with a broker and two
/// instances of its own. Run by `-Dfalse-take-overs.minutes=10`; the figures go to
/// `target/reports/false-take-overs.md`. On a machine that is busy anyway
/// `-Dfalse-take-overs.burners=0` adds no load.
@EnabledIfSystemProperty(named = "false-take-overs.minutes", matches = "\\d+")
class FalseTakeOversIT {
  private static final Duration TIME =
      Duration.ofMinutes(Integer.getInteger("false-take-overs.minutes", 10));
  private static final List<String> TIMEOUTS =
      List.of(
          System.getProperty("false-take-overs.timeouts", "PT0.6S,PT1.5S,PT3S,PT6S").split(","));
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int PARTITIONS = 8;
  private static final int BURNERS =
      Integer.getInteger("false-take-overs.burners", Runtime.getRuntime().availableProcessors());
  private static final String TAKEN = "Partition taken over";

  @TempDir Path directory;
  private volatile boolean burning = true;

  @Test
  void partitions_move_although_nobody_died() throws Exception {
    List<Thread> burners = new ArrayList<>();
    List<Callable<String>> trials = new ArrayList<>();
    for (String timeout : TIMEOUTS) {
      trials.add(() -> trial(timeout));
    }
    try (ExecutorService executor = Executors.newThreadPerTaskExecutor(Thread::new)) {
      List<Future<String>> rows = trials.stream().map(executor::submit).toList();
      for (int i = 0; i < BURNERS; i++) {
        burners.add(Thread.ofPlatform().daemon().start(this::burn));
      }
      for (Future<String> row : rows) {
        Figures.print("false-take-overs.md", row.get());
      }
    } finally {
      burning = false;
    }
    for (Thread burner : burners) {
      burner.join();
    }
  }

  private void burn() {
    double value = 1;
    while (burning) {
      value = Math.sin(value) + 1;
    }
    if (Double.isNaN(value)) {
      throw new IllegalStateException("a sine that is no number");
    }
  }

  private String trial(String timeout) throws Exception {
    Path own = Files.createDirectory(directory.resolve(timeout));
    Map<String, String> settings = Map.of("STEWARD_KAFKA_SESSION_TIMEOUT", timeout);
    try (Stage stage = new Stage(own, PARTITIONS);
        HarnessProcess one = stage.process("one", settings);
        HarnessProcess other = stage.process("other", settings)) {
      settle(one, other);
      List<Script> scripts = new ArrayList<>();
      for (int partition = 0; partition < PARTITIONS; partition++) {
        SessionId session = stage.create(partition, "cloud");
        scripts.add(stage.model().play(session.value(), Reply.slow("late", TIME.plusMinutes(10))));
        stage.say(session, "Hi");
      }
      for (Script script : scripts) {
        Stage.await("asked", PATIENCE, () -> !script.requests().isEmpty());
      }
      long takenBefore = one.logged(TAKEN) + other.logged(TAKEN);
      long askedBefore = asked(scripts);
      Thread.sleep(TIME);
      return "| %s | %d min | %d | %d |"
          .formatted(
              timeout,
              TIME.toMinutes(),
              one.logged(TAKEN) + other.logged(TAKEN) - takenBefore,
              asked(scripts) - askedBefore);
    }
  }

  private static long asked(List<Script> scripts) {
    return scripts.stream().mapToLong(script -> script.requests().size()).sum();
  }

  /// All partitions have an owner, as far as the machine lets them.
  private static void settle(HarnessProcess one, HarnessProcess other) throws InterruptedException {
    Stage.await(
        "owners",
        PATIENCE,
        () -> one.partitions().size() + other.partitions().size() >= PARTITIONS);
  }
}
