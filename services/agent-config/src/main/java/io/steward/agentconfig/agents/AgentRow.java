package io.steward.agentconfig.agents;

import io.steward.schemas.agent.Agent;
import io.steward.schemas.kafka.Envelope;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The head of an agent: what all its versions share.
@Entity
@Table(name = "agent")
class AgentRow {
  @Id String id;

  @Column(name = "workspace_id")
  String workspaceId;

  int version;

  @Column(name = "created_at")
  Instant createdAt;

  @Column(name = "archived_at")
  @Nullable Instant archivedAt;

  @SuppressWarnings("NullAway.Init")
  protected AgentRow() {}

  AgentRow(Agent agent) {
    this.id = agent.id();
    this.workspaceId = Envelope.DEFAULT_WORKSPACE;
    this.version = agent.version();
    this.createdAt = agent.createdAt();
    this.archivedAt = agent.archivedAt();
  }
}
