package io.steward.harness;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.harness.stage.Reply;
import io.steward.harness.stage.RunningHarness;
import io.steward.harness.stage.ScriptedModel.Script;
import io.steward.harness.stage.Stage;
import io.steward.schemas.id.SessionId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// How soon the model is asked after a message was appended, with everything in one process.
@ExtendWith(RunningHarness.class)
class LatencyIT {
  private static final int TURNS = 300;
  private static final int WARM_UP = 100;
  private static final double MEDIAN_MILLIS_MAX = 25;

  private final Stage stage;

  LatencyIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void the_model_is_asked_soon_after_a_message_was_appended() throws Exception {
    SessionId[] sessions = new SessionId[Stage.PARTITIONS];
    Script[] scripts = new Script[Stage.PARTITIONS];
    for (int i = 0; i < sessions.length; i++) {
      sessions[i] = stage.create(i, "cloud");
      scripts[i] = stage.model().play(sessions[i].value(), Reply.text("ok"));
    }
    List<Double> millis = new ArrayList<>();
    List<Double> sinceVisible = new ArrayList<>();
    for (int turn = 0; turn < TURNS; turn++) {
      int i = turn % sessions.length;
      int asked = scripts[i].requests().size();
      long from = System.nanoTime();
      String message = stage.say(sessions[i], "Hi");
      Stage.await("asked", () -> scripts[i].requests().size() > asked);
      double took = (scripts[i].requests().get(asked).nanos() - from) / 1e6;
      stage.awaitIdle(sessions[i], 1 + turn / sessions.length);
      if (turn >= WARM_UP) {
        millis.add(took);
        long seen = stage.log().seenNanos(message);
        sinceVisible.add((scripts[i].requests().get(asked).nanos() - seen) / 1e6);
      }
    }
    double median = print("append to model request", millis);
    print("record visible to another reader to model request", sinceVisible);
    assertTrue(median < MEDIAN_MILLIS_MAX, median + " ms");
  }

  private static double print(String what, List<Double> millis) {
    Collections.sort(millis);
    double median = millis.get(millis.size() / 2);
    System.out.printf(
        "%s: median %.2f ms, p90 %.2f ms, p99 %.2f ms%n",
        what, median, millis.get(millis.size() * 9 / 10), millis.get(millis.size() * 99 / 100));
    return median;
  }
}
