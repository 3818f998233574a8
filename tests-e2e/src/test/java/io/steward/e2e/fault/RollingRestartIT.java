package io.steward.e2e.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.e2e.fault.check.Hit;
import io.steward.e2e.fault.crowd.Agents;
import io.steward.e2e.fault.crowd.Crowd;
import io.steward.e2e.fault.crowd.Rendezvous;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.Steward;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What an upgrade does: one service after the other is told to end and another process takes its
/// place, while twenty sessions work that check themselves.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RollingRestartIT {
  private static final Duration AT_WORK = Duration.ofSeconds(1);
  private static final double CALL_SECONDS = 0.3;

  private @Nullable Saboteur saboteur;
  private @Nullable Agents agents;

  @BeforeAll
  void setStage() throws Exception {
    Stage stage = Stage.set("rolling-restart");
    saboteur = new Saboteur(stage);
    agents = Agents.on(stage);
  }

  @AfterAll
  void closeStage() throws Exception {
    if (saboteur != null) {
      saboteur.stage().close();
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {"KAFKA", "POSTGRES", "DEVBOX"},
      mode = EnumSource.Mode.EXCLUDE)
  void nothing_is_lost_while_a_service_is_replaced(Victim service) throws Exception {
    Saboteur saboteur = saboteur();
    saboteur.awaitReady();
    Rendezvous rendezvous = Rendezvous.none();
    try (Crowd crowd = Crowd.gather(saboteur.stage(), agents(), rendezvous, _ -> CALL_SECONDS)) {
      LockSupport.parkNanos(AT_WORK.toNanos());
      long beginNanos = System.nanoTime();
      Hit hit = saboteur.replace(service, rendezvous::begin);
      rendezvous.finish();
      Aftermath aftermath = Aftermath.of(crowd, List.of(hit), beginNanos);
      String row =
          "%s replaced: all done in %.1f s, %d unknown outcomes, %d repeated model calls, %s"
              .formatted(
                  service,
                  aftermath.doneSeconds(),
                  aftermath.unknownOutcomes(),
                  aftermath.repeatedModelCalls(),
                  aftermath.troubles());
      System.out.println(row);
      if (!aftermath.violations().isEmpty()) {
        aftermath.keep(
            Steward.target().resolve("reports/faults/" + service + "-replaced.txt"),
            row,
            saboteur.stage().steward().logTail());
      }
      assertEquals(List.of(), aftermath.violations());
      crowd.delete();
    }
  }

  private Saboteur saboteur() {
    if (saboteur == null) {
      throw new IllegalStateException("no stage");
    }
    return saboteur;
  }

  private Agents agents() {
    if (agents == null) {
      throw new IllegalStateException("no agents");
    }
    return agents;
  }
}
