package io.steward.e2e.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.Steward;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Kafka, PostgreSQL, the blob store and the model are away for a while: clients get clear answers,
/// what was acknowledged is there afterwards, and everything goes on by itself.
///
/// The time is `steward.e2e.away-seconds`; a build takes 8 s and fewer kinds, the profile `faults`
/// 60 s and all.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DependencyIT {
  private static final Duration AWAY =
      Duration.ofSeconds(Integer.getInteger("steward.e2e.away-seconds", 8));
  private static final boolean ALL = AWAY.toSeconds() >= 60;
  private static final Duration BACK_WITHIN = Duration.ofMinutes(2);
  private static final Duration ROUND = Duration.ofMillis(500);
  private static final int THREADS_MORE_MAX = 40;

  private @Nullable Stage current;

  /// What is away.
  enum Missing {
    KAFKA_DEAD,
    KAFKA_HUNG,
    POSTGRES_DEAD,
    POSTGRES_HUNG,
    BLOBS_MOVED,
    MODEL_SILENT;

    Outage begin(Stage stage) throws Exception {
      Steward steward = stage.steward();
      return switch (this) {
        case KAFKA_DEAD -> Outage.dead(steward, "kafka");
        case KAFKA_HUNG -> Outage.hung(steward, "kafka");
        case POSTGRES_DEAD -> Outage.dead(steward, "postgres");
        case POSTGRES_HUNG -> Outage.hung(steward, "postgres");
        case BLOBS_MOVED -> Outage.moved(steward.dataDirectory().resolve("blobs"));
        case MODEL_SILENT -> Outage.silent(stage.model());
      };
    }
  }

  static List<Missing> missing() {
    return ALL
        ? Arrays.asList(Missing.values())
        : List.of(
            Missing.KAFKA_DEAD, Missing.POSTGRES_HUNG, Missing.BLOBS_MOVED, Missing.MODEL_SILENT);
  }

  @BeforeAll
  void setStage() throws Exception {
    current = Stage.set("dependency");
  }

  @AfterAll
  void closeStage() throws Exception {
    if (current != null) {
      current.close();
    }
  }

  @ParameterizedTest
  @MethodSource("missing")
  void what_was_acknowledged_stays_and_all_goes_on_by_itself(Missing missing) throws Exception {
    Stage stage = stage();
    Script script = Script.answering(request -> Reply.text("ok"));
    String session;
    try (OpenSession warm = stage.plainSession(script)) {
      warm.turn("Before");
      session = warm.id();
    }
    Traffic before = new Traffic(stage.api(), session, script);
    before.round();
    before.awaitAnswers();
    Map<String, Long> threads = threads(stage.steward());

    Traffic during = new Traffic(stage.api(), session, script);
    long end = System.nanoTime() + AWAY.toNanos();
    try (Outage outage = missing.begin(stage)) {
      during.large();
      while (System.nanoTime() < end) {
        during.round();
        LockSupport.parkNanos(ROUND.toNanos());
      }
    }
    during.awaitAnswers();
    System.out.println(missing + " away for " + AWAY.toSeconds() + " s: " + during.summary());
    during.answers().forEach(DependencyIT::assertClear);
    awaitReady(stage.steward());
    awaitQuiet(stage, session);

    assertKept(stage, session, before, during);
    Traffic after = new Traffic(stage.api(), session, script);
    after.round();
    after.awaitAnswers();
    after.answers().forEach(answer -> assertEquals(200, answer.status(), answer::toString));
    awaitQuiet(stage, session);
    assertEquals(List.of(), script.faults());
    assertNoLeak(threads, threads(stage.steward()));
  }

  private Stage stage() {
    if (current == null) {
      throw new IllegalStateException("no stage");
    }
    return current;
  }

  /// An answer is what was asked for, or says that it will be there later.
  private static void assertClear(Traffic.Answered answer) {
    assertTrue(answer.status() == 200 || answer.status() == 503, answer::toString);
    if (answer.status() == 503) {
      assertTrue(answer.retryAfter().matches("[1-9]\\d*"), answer::toString);
      assertTrue(answer.message().length() > 10, answer::toString);
    }
  }

  private static void assertKept(Stage stage, String session, Traffic... traffics)
      throws Exception {
    List<String> listed = new ArrayList<>();
    for (JsonNode event : events(stage, session)) {
      listed.add(event.path("id").asText());
    }
    assertEquals(listed.size(), listed.stream().distinct().count(), "ids are unique");
    for (Traffic traffic : traffics) {
      for (String event : traffic.acknowledgedEvents()) {
        assertTrue(listed.contains(event), event + " was acknowledged and is not listed");
      }
      for (String path : traffic.acknowledgedObjects()) {
        assertEquals(200, stage.api().get(path).status(), path + " was acknowledged");
      }
    }
  }

  private static List<JsonNode> events(Stage stage, String session) throws Exception {
    return stage.api().list("/v1/sessions/" + session + "/events?limit=1000", BACK_WITHIN);
  }

  /// Waits until every message has been processed and the session rests.
  private static void awaitQuiet(Stage stage, String session) throws Exception {
    Patience.until(
        BACK_WITHIN,
        () -> session + " rests" + stage.steward().logTail(),
        () -> isQuiet(stage, session));
  }

  private static boolean isQuiet(Stage stage, String session) throws Exception {
    try {
      return stage
              .api()
              .get("/v1/sessions/" + session)
              .body()
              .path("status")
              .asText()
              .equals("idle")
          && events(stage, session).stream()
              .filter(event -> event.path("type").asText().equals("user.message"))
              .allMatch(event -> event.path("processed_at").isTextual());
    } catch (IOException e) {
      return false; // What was away is not quite back.
    }
  }

  private static void awaitReady(Steward steward) throws Exception {
    Patience.until(BACK_WITHIN, () -> "ready again" + steward.logTail(), steward::isReady);
  }

  private static void assertNoLeak(Map<String, Long> before, Map<String, Long> after) {
    System.out.println("threads before " + before + ", after " + after);
    before.forEach((child, threads) ->
        assertTrue(
            after.getOrDefault(child, 0L) <= threads + THREADS_MORE_MAX,
            () -> child + " had " + threads + " threads and has " + after.get(child)));
  }

  private static Map<String, Long> threads(Steward steward) throws IOException {
    Map<String, Long> threads = new TreeMap<>();
    for (String child : Steward.CHILDREN) {
      if (child.equals("kafka") || child.equals("postgres")) {
        continue;
      }
      Path tasks = Path.of("/proc", Long.toString(steward.pid(child)), "task");
      try (var entries = Files.list(tasks)) {
        threads.put(child, entries.count());
      }
    }
    return threads;
  }
}
