package io.steward.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.harness.stage.Figures;
import io.steward.harness.stage.HarnessProcess;
import io.steward.harness.stage.Reply;
import io.steward.harness.stage.ScriptedModel.Script;
import io.steward.harness.stage.Stage;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.session.Phase;
import io.steward.schemas.session.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// How long a session waits until the model is asked again when the process that had asked it is
/// killed with -9. The figures go to `target/reports/take-over.md`; no test judges a time.
///
/// Without properties it is one round over few partitions. `-Dtake-over.rounds=10
/// -Dtake-over.partitions=64` is the whole measurement.
class TakeOverTimesIT {
  private static final int PARTITIONS = Integer.getInteger("take-over.partitions", 8);
  private static final int ROUNDS = Integer.getInteger("take-over.rounds", 1);
  private static final String REPORT = "take-over.md";
  private static final Duration SUPERVISOR_PAUSE = Duration.ofMillis(100);

  @TempDir Path directory;
  private int started;

  @Test
  void one_of_two_instances_is_killed_at_the_shortest_timeout() throws Exception {
    killOneOfTwo("PT0.6S");
  }

  @Test
  @EnabledIfSystemProperty(named = "take-over.rounds", matches = ".+")
  void one_of_two_instances_is_killed_at_the_default_timeout() throws Exception {
    killOneOfTwo("PT3S");
  }

  @Test
  void the_only_instance_is_killed_and_started_again() throws Exception {
    try (Stage stage = new Stage(directory, PARTITIONS)) {
      Map<String, String> settings = Map.of("STEWARD_KAFKA_INSTANCE", "only");
      String[] options = ROUNDS > 1 ? trained(stage, settings) : new String[0];
      HarnessProcess only = stage.process("only-" + ++started, settings, options);
      List<Long> millis = new ArrayList<>();
      try {
        Stage.await("ready", only::isReady);
        for (int round = 0; round < ROUNDS; round++) {
          Map<SessionId, Script> asked = askEverywhere(stage);
          long from = System.nanoTime();
          only.kill();
          Thread.sleep(SUPERVISOR_PAUSE);
          only = stage.process("only-" + ++started, settings, options);
          millis.addAll(repeated(asked, from));
          interrupt(stage, asked.keySet());
        }
      } finally {
        only.close();
      }
      assertEquals(ROUNDS * PARTITIONS, millis.size());
      row(
          "one instance, %d partitions, started again after %d ms%s"
              .formatted(
                  PARTITIONS,
                  SUPERVISOR_PAUSE.toMillis(),
                  options.length == 0 ? "" : " with an AOT cache"),
          millis);
    }
  }

  private void killOneOfTwo(String sessionTimeout) throws Exception {
    try (Stage stage = new Stage(directory, PARTITIONS)) {
      Map<String, String> settings = Map.of("STEWARD_KAFKA_SESSION_TIMEOUT", sessionTimeout);
      HarnessProcess survivor = stage.process("member-" + ++started, settings);
      HarnessProcess victim = stage.process("member-" + ++started, settings);
      List<Long> millis = new ArrayList<>();
      try {
        for (int round = 0; round < ROUNDS; round++) {
          awaitBalance(victim, survivor);
          Map<SessionId, Script> all = askEverywhere(stage);
          Map<SessionId, Script> lost = new LinkedHashMap<>(all);
          Set<Integer> partitions = victim.partitions();
          lost.keySet().removeIf(session -> !partitions.contains(session.partition()));
          long from = System.nanoTime();
          victim.kill();
          millis.addAll(repeated(lost, from));
          interrupt(stage, all.keySet());
          HarnessProcess next = stage.process("member-" + ++started, settings);
          victim = survivor;
          survivor = next;
        }
      } finally {
        victim.close();
        survivor.close();
      }
      assertEquals(ROUNDS * PARTITIONS / 2, millis.size());
      row(
          "one of two instances, %d partitions each, session timeout %s"
              .formatted(PARTITIONS / 2, sessionTimeout),
          millis);
    }
  }

  private static void awaitBalance(HarnessProcess... all) throws InterruptedException {
    for (HarnessProcess one : all) {
      Stage.await(
          "balanced", () -> one.partitions().size() == PARTITIONS / all.length && one.isReady());
    }
  }

  /// A session in each partition, whose model is being asked and does not answer.
  private static Map<SessionId, Script> askEverywhere(Stage stage) throws InterruptedException {
    Map<SessionId, Script> asked = new LinkedHashMap<>();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      SessionId session = stage.create(partition, "cloud");
      asked.put(
          session, stage.model().play(session.value(), Reply.slow("late", Duration.ofMinutes(30))));
      stage.say(session, "Hi");
    }
    for (Map.Entry<SessionId, Script> entry : asked.entrySet()) {
      Stage.await(
          "asked",
          () -> !entry.getValue().requests().isEmpty() && isRequested(stage, entry.getKey()));
    }
    return asked;
  }

  private static boolean isRequested(Stage stage, SessionId session) {
    return stage.log().session(session) instanceof Session.Running running
        && running.phase() instanceof Phase.ModelRequested;
  }

  /// How long after `from` each model was asked again.
  private static List<Long> repeated(Map<SessionId, Script> asked, long from)
      throws InterruptedException {
    List<Long> millis = new ArrayList<>();
    for (Map.Entry<SessionId, Script> entry : asked.entrySet()) {
      Script script = entry.getValue();
      Stage.await("asked again " + entry.getKey(), () -> script.requests().size() > 1);
      millis.add((script.requests().get(1).nanos() - from) / 1_000_000);
    }
    return millis;
  }

  private static void interrupt(Stage stage, Set<SessionId> sessions) throws InterruptedException {
    for (SessionId session : sessions) {
      stage.send(session, new SessionEvent.UserInterrupt(Ids.random("sevt_"), null, null));
    }
    for (SessionId session : sessions) {
      stage.awaitIdle(session, 1);
    }
  }

  /// The options of a process that starts with an AOT cache, which a first one makes.
  private String[] trained(Stage stage, Map<String, String> settings) throws Exception {
    Path cache = directory.resolve("harness.aot");
    try (HarnessProcess training =
        stage.process("training", settings, "-XX:AOTCacheOutput=" + cache)) {
      Stage.await("ready", training::isReady);
      interrupt(stage, askEverywhere(stage).keySet());
      training.terminate();
      training.awaitEnd();
    }
    return new String[] {"-XX:AOTCache=" + cache, "-Xlog:disable", "-Xlog:all=error:stderr"};
  }

  private static void row(String what, List<Long> millis) throws IOException {
    Figures.print(REPORT, "| %s | %s |".formatted(what, Figures.cells(millis)));
  }
}
