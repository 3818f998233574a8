package io.steward.agentconfig.agents;

import io.steward.schemas.agent.Agent;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One version of an agent. It is never changed.
@Entity
@Table(name = "agent_version")
class AgentVersionRow {
  @Id String key;

  @Column(name = "workspace_id")
  String workspaceId;

  @Column(name = "agent_id")
  String agentId;

  int version;
  String document;

  @SuppressWarnings("NullAway.Init")
  protected AgentVersionRow() {}

  AgentVersionRow(Agent agent) {
    this.key = key(agent.id(), agent.version());
    this.workspaceId = Envelope.DEFAULT_WORKSPACE;
    this.agentId = agent.id();
    this.version = agent.version();
    this.document = new String(Json.bytes(agent), StandardCharsets.UTF_8);
  }

  /// Primary key and record key of a version.
  static String key(String agentId, int version) {
    return agentId + "/" + version;
  }

  /// The version as the API shows it.
  ///
  /// @param archivedAt the head's
  Agent agent(@Nullable Instant archivedAt) {
    return Json.read(document.getBytes(StandardCharsets.UTF_8), Agent.class)
        .withArchivedAt(archivedAt);
  }
}
