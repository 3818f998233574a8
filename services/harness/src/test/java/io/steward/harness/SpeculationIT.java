package io.steward.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.harness.stage.Reply;
import io.steward.harness.stage.RunningHarness;
import io.steward.harness.stage.Sessions;
import io.steward.harness.stage.Stage;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.sandbox.SandboxCommand;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Sandboxes that are asked for while the model thinks.
@ExtendWith(RunningHarness.class)
class SpeculationIT {
  private final Stage stage;
  private final String agent = Ids.random("agent_");

  SpeculationIT(Stage stage) {
    this.stage = stage;
  }

  private SessionId create(int partition) {
    SessionId session = SessionId.random(partition);
    ObjectNode created =
        (ObjectNode) Json.tree(Sessions.created(session, "cloud", List.of(Sessions.TOOLSET)));
    ((ObjectNode) created.path("agent")).put("id", agent);
    stage.write(session, Json.read(Json.bytes(created), SessionRecord.Created.class));
    return session;
  }

  private SessionId turn(int partition, Reply... replies) throws InterruptedException {
    SessionId session = create(partition);
    stage.model().play(session.value(), replies);
    stage.say(session, "Hi");
    stage.awaitIdle(session, 1);
    return session;
  }

  private List<SandboxCommand> commands(SessionId session) {
    return stage.sandbox().commands().stream()
        .filter(command -> command.sessionId().equals(session))
        .toList();
  }

  private double count(String outcome) {
    return stage
        .registry()
        .get("steward.harness.speculations")
        .tag("outcome", outcome)
        .counter()
        .count();
  }

  @Test
  void an_agent_that_always_calls_tools_gets_its_sandbox_early() throws Exception {
    for (int partition = 0; partition < 3; partition++) {
      SessionId session = turn(partition, Reply.bash("Look:", "ls"), Reply.text("Done."));
      assertEquals(
          List.of(SandboxCommand.RUN_TOOL),
          commands(session).stream().map(SandboxCommand::type).toList());
    }
    double asked = count("asked");
    double used = count("used");

    SessionId session = turn(3, Reply.bash("Look:", "ls"), Reply.text("Done."));

    assertEquals(
        List.of(SandboxCommand.PREPARE, SandboxCommand.RUN_TOOL),
        commands(session).stream().map(SandboxCommand::type).toList());
    assertTrue(count("asked") > asked);
    assertTrue(count("used") > used);
    assertTrue(
        stage
                .registry()
                .get("steward.harness.time.to.first.tool")
                .tags("place", "sandbox", "speculated", "true")
                .timer()
                .count()
            > 0);
    assertTrue(stage.registry().get("steward.harness.time.to.first.token").timer().count() > 0);
  }

  @Test
  void an_agent_that_talks_gets_none() throws Exception {
    for (int turn = 0; turn < 4; turn++) {
      assertEquals(List.of(), commands(turn(turn, Reply.text("Hello."))));
    }
  }
}
