package io.steward.sessionlog.worker;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.steward.schemas.json.Json;
import io.steward.sessionlog.http.Credential;
import io.steward.sessionlog.work.Lease;
import io.steward.sessionlog.work.WorkItem;
import io.steward.sessionlog.work.WorkState;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A work item as the API shows it. Source: contract/core.md §4.3.
///
/// @param secret only in the answer to a poll
/// @param latestHeartbeatAt exactly as the heartbeat said it
@JsonPropertyOrder({"id", "type", "environment_id", "data", "state"})
@JsonInclude(JsonInclude.Include.ALWAYS)
record WorkView(
    String id,
    String type,
    String environmentId,
    Subject data,
    String state,
    @Nullable String secret,
    Map<String, String> metadata,
    Instant createdAt,
    @Nullable Instant acknowledgedAt,
    @Nullable Instant startedAt,
    @Nullable String latestHeartbeatAt,
    @Nullable Instant stopRequestedAt,
    @Nullable Instant stoppedAt) {

  /// What the item is about.
  @JsonPropertyOrder({"type"})
  record Subject(String type, String id) {}

  /// What a secret holds.
  private record Inside(String sessionsToken) {}

  static WorkView of(WorkItem item) {
    return of(item, null);
  }

  /// The item as the poll shows it that got it.
  static WorkView handedOut(WorkItem item, Credential token) {
    return of(
        item,
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(Json.bytes(new Inside(token.text()))));
  }

  private static WorkView of(WorkItem item, @Nullable String secret) {
    WorkState state = item.state();
    Lease lease = state.lease();
    return new WorkView(
        item.id(),
        "work",
        item.environmentId(),
        new Subject("session", item.sessionId().value()),
        state.wireName(),
        secret,
        item.metadata(),
        item.createdAt(),
        lease == null ? null : lease.acknowledgedAt(),
        lease == null ? null : lease.startedAt(),
        lease == null ? null : lease.beat(),
        state.stopRequestedAt(),
        state instanceof WorkState.Stopped stopped ? stopped.stoppedAt() : null);
  }
}
