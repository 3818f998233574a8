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
/// @param access what it may reach from now on; null when it stopped or has no way out
public record SandboxEvent(
    Type type,
    SessionId sessionId,
    String incarnation,
    String driver,
    Instant at,
    @Nullable String reason,
    @Nullable SandboxAccess access) {

  /// What happened, named as on the topic.
  public enum Type {
    /// It is starting; [#STOPPED] follows when it does not come to take commands.
    @JsonProperty("sandbox.started")
    STARTED("sandbox.started"),
    /// It lives, and its session may reach something else since.
    @JsonProperty("sandbox.access_changed")
    ACCESS_CHANGED("sandbox.access_changed"),
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
