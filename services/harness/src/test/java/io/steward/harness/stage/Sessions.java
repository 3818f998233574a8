package io.steward.harness.stage;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.schemas.agent.AgentTool;
import io.steward.schemas.agent.ExecutionIdentity;
import io.steward.schemas.agent.McpServer;
import io.steward.schemas.agent.ModelConfig;
import io.steward.schemas.agent.PermissionPolicy;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.event.Budget;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.resource.SessionResource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Sample sessions.
public final class Sessions {
  public static final AgentTool TOOLSET = toolset(new PermissionPolicy.AlwaysAllow());

  /// A small model, called `small`, and one for every session, called like the session.
  public static final ModelCatalog MODELS = models();

  private Sessions() {}

  public static AgentTool toolset(PermissionPolicy policy) {
    return new AgentTool.AgentToolset(new AgentTool.DefaultConfig(true, policy), List.of());
  }

  public static AgentTool custom(String name) {
    return new AgentTool.CustomTool(
        name, "A tool of the client", JsonNodeFactory.instance.objectNode().put("type", "object"));
  }

  /// All tools of an MCP server.
  public static AgentTool mcpToolset(String server, PermissionPolicy policy) {
    return new AgentTool.McpToolset(server, new AgentTool.DefaultConfig(true, policy), List.of());
  }

  /// The creation of a session whose model has the session's id as its name.
  ///
  /// @param environment `cloud` or `self_hosted`
  public static SessionRecord.Created created(
      SessionId id, String environment, List<AgentTool> tools) {
    return created(id, environment, id.value(), tools, List.of(), List.of(), null);
  }

  /// The creation of a session of that model.
  public static SessionRecord.Created created(
      SessionId id,
      String environment,
      String model,
      List<AgentTool> tools,
      List<McpServer> servers,
      List<SessionResource> resources,
      @Nullable Budget budget) {
    SessionAgent agent =
        new SessionAgent(
            "agent_011111111111111111111111",
            1,
            "tester",
            null,
            "You are a test.",
            new ModelConfig(model, new ModelConfig.Effort("high"), null, "standard"),
            tools,
            servers,
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
        resources,
        List.of(),
        List.of(),
        budget,
        MODELS.prices(model).orElse(null),
        Map.of(),
        Instant.parse("2026-11-20T12:00:00Z"));
  }

  private static ModelCatalog models() {
    try {
      return ModelCatalog.load(Optional.of(Path.of("src/test/resources/models.yaml")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
