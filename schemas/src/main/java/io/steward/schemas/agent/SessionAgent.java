package io.steward.schemas.agent;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The agent of a session: a snapshot taken when the session is created, after overrides. Source:
/// contract/core.md §5.8.
///
/// @param id id of the agent it was taken from
/// @param version version of the agent it was taken from, also when the content is overridden
/// @param multiagent its members are [ThreadAgent]s, never references
@JsonPropertyOrder({"id", "type", "version"})
public record SessionAgent(
    String id,
    int version,
    String name,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String description,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String system,
    ModelConfig model,
    List<AgentTool> tools,
    List<McpServer> mcpServers,
    List<SkillReference> skills,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Multiagent multiagent,
    ExecutionIdentity executionIdentity) {

  public SessionAgent {
    tools = List.copyOf(tools);
    mcpServers = List.copyOf(mcpServers);
    skills = List.copyOf(skills);
  }

  /// The snapshot of an agent that works alone.
  ///
  /// @throws IllegalArgumentException when the agent has a roster, which needs [#of(Agent,
  ///   Function)]
  public static SessionAgent of(Agent agent) {
    return of(
        agent,
        reference -> {
          throw new IllegalArgumentException("no lookup for roster member " + reference.id());
        });
  }

  /// The snapshot of an agent and of everyone in its roster.
  ///
  /// @param lookup the version of an agent that a roster pins; versions are never removed
  public static SessionAgent of(Agent agent, Function<Multiagent.AgentReference, Agent> lookup) {
    Multiagent roster = agent.multiagent();
    return new SessionAgent(
        agent.id(),
        agent.version(),
        agent.name(),
        agent.description(),
        agent.system(),
        agent.model(),
        agent.tools(),
        agent.mcpServers(),
        agent.skills(),
        roster == null ? null : roster.mapMembers(member -> snapshot(agent, member, lookup)),
        agent.executionIdentity());
  }

  private static Multiagent.Member snapshot(
      Agent self, Multiagent.Member member, Function<Multiagent.AgentReference, Agent> lookup) {
    return switch (member) {
      case ThreadAgent done -> done;
      case Multiagent.AgentReference reference when reference.id().equals(self.id()) ->
          ThreadAgent.of(self);
      case Multiagent.AgentReference reference -> ThreadAgent.of(lookup.apply(reference));
    };
  }

  /// Always `agent`.
  @JsonProperty("type")
  public String type() {
    return "agent";
  }

  /// This agent as one of its own threads runs it.
  public ThreadAgent thread() {
    return new ThreadAgent(
        id,
        version,
        name,
        description,
        system,
        model,
        tools,
        mcpServers,
        skills,
        executionIdentity);
  }
}
