package io.steward.agentconfig.outbox;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "outbox")
class OutboxRow {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  @Nullable Long position;

  @Column(name = "record_id")
  String recordId;

  @Column(name = "workspace_id")
  String workspaceId;

  String topic;

  @Column(name = "record_key")
  String recordKey;

  String type;
  String subject;
  @Nullable String document;

  @Column(name = "created_at")
  Instant createdAt;

  @SuppressWarnings("NullAway.Init")
  protected OutboxRow() {}

  OutboxRow(String recordId, String workspaceId, OutboxRecord record) {
    this.recordId = recordId;
    this.workspaceId = workspaceId;
    this.topic = record.topic();
    this.recordKey = record.key();
    this.type = record.type();
    this.subject = record.subject();
    this.document = record.document();
    this.createdAt = record.time();
  }
}
