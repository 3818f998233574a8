package io.steward.schemas.agent.rules;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.Agent;
import io.steward.schemas.agent.Multiagent;
import io.steward.schemas.agent.Multiagent.Advisor;
import io.steward.schemas.agent.Multiagent.AdvisorDisabled;
import io.steward.schemas.agent.Multiagent.AdvisorEnabled;
import io.steward.schemas.agent.Multiagent.AdvisorSetting;
import io.steward.schemas.agent.Multiagent.AgentReference;
import io.steward.schemas.agent.Multiagent.Coordinator;
import io.steward.schemas.agent.Multiagent.Delegates;
import io.steward.schemas.agent.Multiagent.DelegatesDisabled;
import io.steward.schemas.agent.Multiagent.DelegatesEnabled;
import io.steward.schemas.agent.Multiagent.Delegation;
import io.steward.schemas.agent.Multiagent.Member;
import io.steward.schemas.agent.Multiagent.RosterEntry;
import io.steward.schemas.agent.Multiagent.Switch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The rules of `multiagent`: both forms, who may be in a roster, pinning and merging. An agent
/// that names itself, by `self` or by its own id, is pinned to its own version. Source:
/// contract/core.md §2.11.
final class RosterRules {
  private static final int AGENTS_MAX = 20;
  private static final int ID_CHARS_MAX = 255;
  private static final int MODEL_CHARS_MAX = 256;
  private static final List<String> FORMS = List.of(Multiagent.COORDINATOR, Multiagent.DELEGATION);
  private static final List<String> SWITCH = List.of("enabled", "disabled");
  private static final DelegatesEnabled DELEGATES_DEFAULT =
      new DelegatesEnabled(Switch.ENABLED, List.of());
  private static final Delegation DELEGATION_DEFAULT =
      new Delegation(new AdvisorDisabled(), DELEGATES_DEFAULT, DELEGATES_DEFAULT);

  private final String selfId;
  private final int selfVersion;
  private final AgentLookup lookup;

  /// @param selfId id of the agent whose roster it is
  /// @param selfVersion the version of that agent that `self` is pinned to
  RosterRules(String selfId, int selfVersion, AgentLookup lookup) {
    this.selfId = selfId;
    this.selfVersion = selfVersion;
    this.lookup = lookup;
  }

  /// The resolved roster in the field `multiagent` of `owner`, which is there and not null.
  ///
  /// @param stored the roster so far, which the newer form is merged into
  Multiagent read(Fields owner, @Nullable Multiagent stored) {
    Fields multiagent = owner.requiredObject("multiagent");
    if (multiagent.requiredChoice("type", FORMS).equals(Multiagent.COORDINATOR)) {
      return coordinator(multiagent);
    }
    Delegation base = stored instanceof Delegation delegation ? delegation : DELEGATION_DEFAULT;
    return new Delegation(
        advisor(multiagent, base.advisor()),
        delegates(multiagent, "subagents", base.subagents()),
        delegates(multiagent, "workflows", base.workflows()));
  }

  private Coordinator coordinator(Fields multiagent) {
    List<RosterEntry> entries =
        multiagent.list("agents", AGENTS_MAX, (entry, path) -> rosterEntry(entry, path));
    if (entries.isEmpty()) {
      throw multiagent.refusal("agents", "must have 1 to 20 entries");
    }
    List<RosterEntry> agents = new ArrayList<>();
    List<RosterEntry> advisors = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (RosterEntry entry : entries) {
      switch (entry) {
        case Member member -> {
          requireOnce(member, seen, multiagent, "agents");
          agents.add(member);
        }
        case Advisor advisor -> advisors.add(advisor);
      }
    }
    if (advisors.size() > 1) {
      throw multiagent.refusal("agents", "must have at most one advisor");
    }
    agents.addAll(advisors);
    return new Coordinator(agents);
  }

  private RosterEntry rosterEntry(JsonNode entry, String path) {
    if (entry.path("type").asText().equals("advisor")) {
      return new Advisor(Fields.at(entry, path).requiredText("model", 1, MODEL_CHARS_MAX));
    }
    return member(entry, path, List.of("agent", "self", "advisor"));
  }

  private Member member(JsonNode entry, String path, List<String> types) {
    if (entry.isTextual()) {
      return pin(Fields.text(entry, path, 1, ID_CHARS_MAX), null, entry, path);
    }
    if (!entry.isObject()) {
      throw Fields.refusal(path, entry, "must be an agent id or an object");
    }
    Fields fields = Fields.at(entry, path);
    if (fields.requiredChoice("type", types).equals("self")) {
      return new AgentReference(selfId, selfVersion);
    }
    Integer version = fields.positive("version");
    String id = fields.requiredText("id", 1, ID_CHARS_MAX);
    return pin(id, version, fields.node().path("id"), fields.path("id"));
  }

  private AgentReference pin(String id, @Nullable Integer version, JsonNode shown, String path) {
    if (id.equals(selfId)) {
      return new AgentReference(selfId, selfVersion);
    }
    Optional<Agent> found = lookup.find(id, version);
    if (found.isEmpty()) {
      String rule = version == null ? "no agent has that id" : "it has no version " + version;
      throw Fields.refusal(path, shown, rule);
    }
    Agent agent = found.get();
    if (agent.archivedAt() != null) {
      throw Fields.refusal(path, shown, "that agent is archived");
    }
    if (agent.multiagent() != null) {
      throw Fields.refusal(path, shown, "that agent has a `multiagent` of its own");
    }
    return new AgentReference(agent.id(), agent.version());
  }

  private static void requireOnce(Member member, Set<String> seen, Fields owner, String field) {
    if (!seen.add(member.id())) {
      throw owner.refusal(field, "must not have the agent " + member.id() + " twice");
    }
  }

  private static AdvisorSetting advisor(Fields multiagent, AdvisorSetting stored) {
    if (!multiagent.has("advisor")) {
      return stored;
    }
    Fields advisor = multiagent.object("advisor");
    if (advisor == null || advisor.requiredChoice("type", SWITCH).equals("disabled")) {
      return new AdvisorDisabled();
    }
    return new AdvisorEnabled(advisor.requiredText("model", 1, MODEL_CHARS_MAX));
  }

  private Delegates delegates(Fields multiagent, String field, Delegates stored) {
    if (!multiagent.has(field)) {
      return stored;
    }
    Fields delegates = multiagent.object(field);
    if (delegates == null) {
      return DELEGATES_DEFAULT;
    }
    if (delegates.requiredChoice("type", SWITCH).equals("disabled")) {
      return new DelegatesDisabled();
    }
    DelegatesEnabled base =
        stored instanceof DelegatesEnabled enabled ? enabled : DELEGATES_DEFAULT;
    DelegatesEnabled merged =
        new DelegatesEnabled(
            inlineAgents(delegates, base.inlineAgents()),
            delegates.has("predefined_agents")
                ? predefinedAgents(delegates)
                : base.predefinedAgents());
    if (merged.inlineAgents().equals(Switch.DISABLED) && merged.predefinedAgents().isEmpty()) {
      throw delegates.refusal(
          "predefined_agents", "must have an agent when `inline_agents` is disabled");
    }
    return merged;
  }

  private static Switch inlineAgents(Fields delegates, Switch stored) {
    if (!delegates.has("inline_agents")) {
      return stored;
    }
    Fields inline = delegates.object("inline_agents");
    return inline == null ? Switch.ENABLED : new Switch(inline.requiredChoice("type", SWITCH));
  }

  private List<Member> predefinedAgents(Fields delegates) {
    Set<String> seen = new HashSet<>();
    return delegates.list(
        "predefined_agents",
        AGENTS_MAX,
        (entry, path) -> {
          Member member = member(entry, path, List.of("agent", "self"));
          requireOnce(member, seen, delegates, "predefined_agents");
          return member;
        });
  }

  /// Refuses members whose model is pinned to another place than the agent's own.
  void requireOneGeo(Fields owner, Multiagent roster, @Nullable String geo) {
    for (Member member : roster.members()) {
      Optional<Agent> agent =
          member.id().equals(selfId)
              ? Optional.empty()
              : lookup.find(member.id(), member.version());
      if (agent.isPresent() && !Objects.equals(geo, agent.get().model().inferenceGeo())) {
        throw owner.refusal(
            "multiagent",
            "all its agents must have the same `model.inference_geo`: %s has %s, this agent %s"
                .formatted(
                    member.id(),
                    Objects.requireNonNullElse(agent.get().model().inferenceGeo(), "none"),
                    Objects.requireNonNullElse(geo, "none")));
      }
    }
  }

  /// Everything the rules may look up for a request, malformed entries left out.
  ///
  /// @param stored the roster so far, or null
  static List<AgentLookup.Wanted> references(JsonNode body, @Nullable Multiagent stored) {
    List<AgentLookup.Wanted> wanted = new ArrayList<>();
    if (stored != null) {
      stored.members().forEach(m -> wanted.add(new AgentLookup.Wanted(m.id(), m.version())));
    }
    JsonNode multiagent = body.path("multiagent");
    collect(multiagent.path("agents"), wanted);
    collect(multiagent.path("subagents").path("predefined_agents"), wanted);
    collect(multiagent.path("workflows").path("predefined_agents"), wanted);
    return List.copyOf(new LinkedHashSet<>(wanted));
  }

  private static void collect(JsonNode entries, List<AgentLookup.Wanted> wanted) {
    for (int i = 0; i < Math.min(entries.size(), AGENTS_MAX); i++) {
      JsonNode entry = entries.path(i);
      if (entry.isTextual()) {
        wanted.add(new AgentLookup.Wanted(entry.textValue(), null));
      } else if (entry.path("id").isTextual()) {
        JsonNode version = entry.path("version");
        wanted.add(
            new AgentLookup.Wanted(
                entry.path("id").textValue(), version.isInt() ? version.intValue() : null));
      }
    }
  }
}
