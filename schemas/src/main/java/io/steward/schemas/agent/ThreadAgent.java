package io.steward.schemas.agent;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An agent as a thread of a session runs it: a snapshot without agents of its own. Source:
/// contract/core.md §2.11.
@JsonPropertyOrder({"id", "type", "version"})
@JsonDeserialize
public record ThreadAgent(
    String id,
    int version,
    String name,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String description,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String system,
    ModelConfig model,
    List<AgentTool> tools,
    List<McpServer> mcpServers,
    List<SkillReference> skills,
    ExecutionIdentity executionIdentity)
    implements Multiagent.Member {

  public ThreadAgent {
    tools = List.copyOf(tools);
    mcpServers = List.copyOf(mcpServers);
    skills = List.copyOf(skills);
  }

  /// The snapshot of one version of an agent.
  public static ThreadAgent of(Agent agent) {
    return new ThreadAgent(
        agent.id(),
        agent.version(),
        agent.name(),
        agent.description(),
        agent.system(),
        agent.model(),
        agent.tools(),
        agent.mcpServers(),
        agent.skills(),
        agent.executionIdentity());
  }

  /// Always `agent`.
  @JsonProperty("type")
  public String type() {
    return "agent";
  }
}
