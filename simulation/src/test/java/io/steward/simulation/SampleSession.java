package io.steward.simulation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.schemas.agent.AgentTool;
import io.steward.schemas.agent.ExecutionIdentity;
import io.steward.schemas.agent.ModelConfig;
import io.steward.schemas.agent.PermissionPolicy;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.record.SessionRecord;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// Sessions as the simulation begins with them.
final class SampleSession {
  private static final String DIGITS = "123456789ABCDEFGH";

  private SampleSession() {}

  /// The id of session number `number` of a partition below ten.
  static SessionId id(int partition, int number) {
    return new SessionId(
        "sesn_011" + DIGITS.charAt(partition) + "1111111111111111111" + DIGITS.charAt(number));
  }

  static SessionRecord.Created created(
      SessionId id, String model, PermissionPolicy policy, Instant now) {
    AgentTool builtIn =
        new AgentTool.AgentToolset(new AgentTool.DefaultConfig(true, policy), List.of());
    AgentTool custom =
        new AgentTool.CustomTool(
            "weather",
            "A tool of the client",
            JsonNodeFactory.instance.objectNode().put("type", "object"));
    SessionAgent agent =
        new SessionAgent(
            "agent_1",
            1,
            "tester",
            null,
            "You are a test.",
            new ModelConfig(model, new ModelConfig.Effort("high"), null, "standard"),
            List.of(builtIn, custom),
            List.of(),
            List.of(),
            null,
            ExecutionIdentity.SERVICE_ACCOUNT);
    return new SessionRecord.Created(
        id,
        "wrkspc_default",
        agent,
        new SessionRecord.SessionEnvironment(
            "env_1", JsonNodeFactory.instance.objectNode().put("type", "cloud")),
        null,
        Map.of(),
        List.of(),
        List.of(),
        List.of(),
        null,
        null,
        Map.of(),
        now);
  }
}
