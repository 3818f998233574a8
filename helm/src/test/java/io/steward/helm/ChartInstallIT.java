package io.steward.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The whole of Steward, installed by Helm on a real cluster and used through the official client.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(900)
class ChartInstallIT {
  private static final String NAME = "ChartInstallIT";

  private final Cluster cluster = Cluster.orSkip(NAME);

  @SuppressWarnings("NullAway.Init") // set before all tests
  private ObeyingModel model;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private Installation steward;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private String agent;

  @BeforeAll
  void install(@TempDir Path directory) throws Exception {
    model = ObeyingModel.start();
    steward = Installation.install(cluster, NAME, model.port(), directory);
    agent = steward.createAgent();
  }

  @AfterAll
  void remove() throws Exception {
    try (cluster;
        ObeyingModel _ = model;
        Installation _ = steward) {
      // In this order, from the last.
    }
  }

  @Test
  void a_session_runs_a_command_in_a_pod() {
    SdkSession session = steward.createSession(agent);

    SdkSession.Result result =
        session.run("test -e /var/run/secrets/kubernetes.io || echo as $(id -u) without a token");

    assertEquals(new SdkSession.Result("as 1000 without a token", false), result);
  }

  @Test
  void a_pod_deleted_in_the_middle_of_a_command_costs_that_command() throws Exception {
    SdkSession session = steward.createSession(agent);
    session.run("echo kept > note");
    session.start("touch /tmp/deleted; sleep 120");
    steward.awaitInSandbox("/tmp/deleted");

    assertTrue(steward.killSandboxes() > 0);

    assertTrue(session.next(1).error());
    SdkSession.Result after = session.run("cat note");
    assertEquals(new SdkSession.Result("kept", false), after);
  }

  @Test
  void a_sandbox_service_killed_in_the_middle_of_a_command_loses_nothing() throws Exception {
    SdkSession session = steward.createSession(agent);
    session.start("touch /tmp/killed; sleep 30; echo once >> runs; cat runs");
    steward.awaitInSandbox("/tmp/killed");

    steward.killSandboxService();

    assertEquals(new SdkSession.Result("once", false), session.next(0));
    assertEquals(new SdkSession.Result("once", false), session.run("cat runs"));
    assertEquals(2, session.results().size());
  }

  @Test
  void an_upgrade_keeps_keys_and_sessions() {
    SdkSession session = steward.createSession(agent);
    session.run("echo before > note");
    String key = steward.apiKey();

    steward.upgrade();

    assertEquals(key, steward.apiKey());
    assertEquals(new SdkSession.Result("before", false), session.run("cat note"));
  }
}
