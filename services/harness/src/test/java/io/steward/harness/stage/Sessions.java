package io.steward.harness.stage;

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

/// Sample sessions.
public final class Sessions {
  public static final AgentTool TOOLSET = toolset(new PermissionPolicy.AlwaysAllow());

  private Sessions() {}

  public static AgentTool toolset(PermissionPolicy policy) {
    return new AgentTool.AgentToolset(new AgentTool.DefaultConfig(true, policy), List.of());
  }

  public static AgentTool custom(String name) {
    return new AgentTool.CustomTool(
        name, "A tool of the client", JsonNodeFactory.instance.objectNode().put("type", "object"));
  }

  /// The creation of a session whose model has the session's id as its name.
  ///
  /// @param environment `cloud` or `self_hosted`
  public static SessionRecord.Created created(
      SessionId id, String environment, List<AgentTool> tools) {
    SessionAgent agent =
        new SessionAgent(
            "agent_011111111111111111111111",
            1,
            "tester",
            null,
            "You are a test.",
            new ModelConfig(id.value(), new ModelConfig.Effort("high"), null, "standard"),
            tools,
            List.of(),
            List.of(),
            null,
            ExecutionIdentity.SERVICE_ACCOUNT);
    return new SessionRecord.Created(
        id,
        "wrkspc_default",
        agent,
        new SessionRecord.SessionEnvironment(
            "env_1", JsonNodeFactory.instance.objectNode().put("type", environment)),
        null,
        Map.of(),
        List.of(),
        List.of(),
        List.of(),
        Instant.parse("2026-11-20T12:00:00Z"));
  }
}
