package io.steward.agentconfig.environments;

import io.steward.schemas.agent.Environment;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "environment")
class EnvironmentRow {
  @Id String id;

  @Column(name = "workspace_id")
  String workspaceId;

  String name;
  String document;

  @Column(name = "created_at")
  Instant createdAt;

  @Column(name = "archived_at")
  @Nullable Instant archivedAt;

  @SuppressWarnings("NullAway.Init")
  protected EnvironmentRow() {}

  EnvironmentRow(Environment environment) {
    this.id = environment.id();
    this.workspaceId = Envelope.DEFAULT_WORKSPACE;
    this.createdAt = environment.createdAt();
    this.name = environment.name();
    this.document = text(environment);
    this.archivedAt = environment.archivedAt();
  }

  void become(Environment environment) {
    name = environment.name();
    document = text(environment);
    archivedAt = environment.archivedAt();
  }

  Environment environment() {
    return Json.read(document.getBytes(StandardCharsets.UTF_8), Environment.class);
  }

  static String text(Environment environment) {
    return new String(Json.bytes(environment), StandardCharsets.UTF_8);
  }
}
