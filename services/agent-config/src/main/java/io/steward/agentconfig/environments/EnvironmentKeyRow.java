package io.steward.agentconfig.environments;

import io.steward.schemas.agent.EnvironmentKey;
import io.steward.schemas.kafka.Envelope;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

@Entity
@Table(name = "environment_key")
class EnvironmentKeyRow {
  @Id String id;

  @Column(name = "workspace_id")
  String workspaceId;

  @Column(name = "environment_id")
  String environmentId;

  String sha256;

  @Column(name = "created_at")
  Instant createdAt;

  @SuppressWarnings("NullAway.Init")
  protected EnvironmentKeyRow() {}

  EnvironmentKeyRow(EnvironmentKey key) {
    this.id = key.id();
    this.workspaceId = Envelope.DEFAULT_WORKSPACE;
    this.environmentId = key.environmentId();
    this.sha256 = key.sha256();
    this.createdAt = key.createdAt();
  }

  EnvironmentKey key() {
    return new EnvironmentKey(id, environmentId, sha256, createdAt);
  }
}
