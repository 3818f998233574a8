package io.steward.schemas.agent;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// Who else may work in a session of an agent. In an [Agent] the members are [AgentReference]s, in
/// a [SessionAgent] they are [ThreadAgent]s. Source: contract/core.md §2.11.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Multiagent.Coordinator.class, name = Multiagent.COORDINATOR),
  @JsonSubTypes.Type(value = Multiagent.Delegation.class, name = Multiagent.DELEGATION)
})
public sealed interface Multiagent {
  String COORDINATOR = "coordinator";
  String DELEGATION = "multiagent_20261001";

  /// The same roster with each member replaced.
  Multiagent mapMembers(UnaryOperator<Member> change);

  /// All members, in the order they are listed.
  @JsonIgnore
  List<Member> members();

  /// An entry of a coordinator's roster.
  @JsonDeserialize(using = RosterEntryDeserializer.class)
  sealed interface RosterEntry permits Member, Advisor {}

  /// An agent of a roster, pinned to a version.
  @JsonDeserialize(using = MemberDeserializer.class)
  sealed interface Member extends RosterEntry permits AgentReference, ThreadAgent {
    String id();

    int version();
  }

  /// A pinned version of an agent. An agent that lists itself holds its own id and version.
  @JsonPropertyOrder({"type"})
  @JsonDeserialize
  record AgentReference(String id, int version) implements Member {
    /// Always `agent`.
    @JsonProperty("type")
    public String type() {
      return "agent";
    }
  }

  /// A model the agent may ask for advice; always the last entry.
  @JsonPropertyOrder({"type"})
  @JsonDeserialize
  record Advisor(String model) implements RosterEntry {
    /// Always `advisor`.
    @JsonProperty("type")
    public String type() {
      return "advisor";
    }
  }

  /// The older form: one list of agents.
  record Coordinator(List<RosterEntry> agents) implements Multiagent {
    public Coordinator {
      agents = List.copyOf(agents);
    }

    @Override
    public Coordinator mapMembers(UnaryOperator<Member> change) {
      return new Coordinator(
          agents.stream()
              .<RosterEntry>map(entry ->
                  switch (entry) {
                    case Member member -> change.apply(member);
                    case Advisor advisor -> advisor;
                  })
              .toList());
    }

    @Override
    public List<Member> members() {
      return agents.stream().filter(Member.class::isInstance).map(Member.class::cast).toList();
    }
  }

  /// The form `multiagent_20261001`: an advisor, subagents and workflows, each on or off.
  record Delegation(AdvisorSetting advisor, Delegates subagents, Delegates workflows)
      implements Multiagent {
    @Override
    public Delegation mapMembers(UnaryOperator<Member> change) {
      return new Delegation(advisor, subagents.mapMembers(change), workflows.mapMembers(change));
    }

    @Override
    public List<Member> members() {
      return Stream.concat(subagents.members().stream(), workflows.members().stream()).toList();
    }
  }

  /// Whether the agent may ask another model for advice.
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = AdvisorEnabled.class, name = "enabled"),
    @JsonSubTypes.Type(value = AdvisorDisabled.class, name = "disabled")
  })
  sealed interface AdvisorSetting {}

  record AdvisorEnabled(String model) implements AdvisorSetting {}

  record AdvisorDisabled() implements AdvisorSetting {}

  /// Whether, and to whom, the agent may hand work.
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = DelegatesEnabled.class, name = "enabled"),
    @JsonSubTypes.Type(value = DelegatesDisabled.class, name = "disabled")
  })
  sealed interface Delegates {
    @JsonIgnore
    List<Member> members();

    Delegates mapMembers(UnaryOperator<Member> change);
  }

  /// @param inlineAgents whether the agent may make agents up
  /// @param predefinedAgents up to 20 agents it may call by name
  record DelegatesEnabled(Switch inlineAgents, List<Member> predefinedAgents) implements Delegates {
    public DelegatesEnabled {
      predefinedAgents = List.copyOf(predefinedAgents);
    }

    @Override
    public List<Member> members() {
      return predefinedAgents;
    }

    @Override
    public DelegatesEnabled mapMembers(UnaryOperator<Member> change) {
      return new DelegatesEnabled(inlineAgents, predefinedAgents.stream().map(change).toList());
    }
  }

  record DelegatesDisabled() implements Delegates {
    @Override
    public List<Member> members() {
      return List.of();
    }

    @Override
    public DelegatesDisabled mapMembers(UnaryOperator<Member> change) {
      return this;
    }
  }

  /// @param type `enabled` or `disabled`
  record Switch(String type) {
    public static final Switch ENABLED = new Switch("enabled");
    public static final Switch DISABLED = new Switch("disabled");
  }
}
