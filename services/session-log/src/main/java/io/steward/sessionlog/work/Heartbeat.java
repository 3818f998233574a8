package io.steward.sessionlog.work;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/// What a worker reads after a heartbeat. Source: contract/core.md §4.4.
///
/// @param lastHeartbeat what the next heartbeat has to expect; empty when there was none
/// @param leaseExtended false tells the worker to stop
/// @param ttlSeconds how long the lease lasts without another heartbeat
@JsonPropertyOrder({"type"})
public record Heartbeat(
    String lastHeartbeat, boolean leaseExtended, String state, long ttlSeconds) {
  /// What a first heartbeat expects.
  public static final String NONE = "NO_HEARTBEAT";

  /// Always `work_heartbeat`.
  @JsonProperty("type")
  public String type() {
    return "work_heartbeat";
  }
}
