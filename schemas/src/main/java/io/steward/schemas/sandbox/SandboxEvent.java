package io.steward.schemas.sandbox;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.steward.schemas.id.SessionId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A sandbox came or went: a record of `sandbox-events`.
///
/// @param incarnation names one sandbox of the session; a lost one never comes back
/// @param driver `bubblewrap`, `process`, …
/// @param reason why it stopped, or null
public record SandboxEvent(
    Type type,
    SessionId sessionId,
    String incarnation,
    String driver,
    Instant at,
    @Nullable String reason) {

  /// What happened, named as on the topic.
  public enum Type {
    @JsonProperty("sandbox.started")
    STARTED("sandbox.started"),
    @JsonProperty("sandbox.stopped")
    STOPPED("sandbox.stopped");

    private final String wireName;

    Type(String wireName) {
      this.wireName = wireName;
    }

    /// The CloudEvents type.
    public String wireName() {
      return wireName;
    }
  }
}
