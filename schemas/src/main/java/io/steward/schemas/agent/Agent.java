package io.steward.schemas.agent;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One version of an agent, exactly as the API returns it. Source: contract/core.md §2.2.
///
/// @param id `agent_…`
/// @param name 1–256 characters
/// @param description up to 2,048 characters, or null
/// @param system the system prompt, up to 100,000 characters, or null
/// @param tools resolved tools, in the order they were sent
/// @param multiagent who else may work in a session, or null for a single-threaded agent
/// @param metadata up to 16 pairs
/// @param version from 1, one more for every effective change
/// @param archivedAt when the agent, with all its versions, became read-only, or null
@JsonPropertyOrder({"id", "type"})
public record Agent(
    String id,
    String name,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String description,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String system,
    ModelConfig model,
    List<AgentTool> tools,
    List<McpServer> mcpServers,
    List<SkillReference> skills,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Multiagent multiagent,
    ExecutionIdentity executionIdentity,
    Map<String, String> metadata,
    int version,
    Instant createdAt,
    Instant updatedAt,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Instant archivedAt) {

  public Agent {
    tools = List.copyOf(tools);
    mcpServers = List.copyOf(mcpServers);
    skills = List.copyOf(skills);
  }

  /// Always `agent`.
  @JsonProperty("type")
  public String type() {
    return "agent";
  }

  /// This agent with another moment of archiving, or none.
  public Agent withArchivedAt(@Nullable Instant at) {
    return new Agent(
        id,
        name,
        description,
        system,
        model,
        tools,
        mcpServers,
        skills,
        multiagent,
        executionIdentity,
        metadata,
        version,
        createdAt,
        updatedAt,
        at);
  }
}
