package io.steward.sessionlog.diagnose;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a session waits for, as `GET /v1/sessions/{id}/diagnosis` shows it.
///
/// @param status of the session, as the API shows it
/// @param step what comes next
/// @param owner who has to do it
/// @param since when the wait began
/// @param deadline when it ends by itself, or null when nothing ends it or nobody here knows
/// @param observedAt when all this was so
@JsonPropertyOrder({"type", "session_id"})
public record Diagnosis(
    String sessionId,
    String status,
    Step step,
    Owner owner,
    Instant since,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Instant deadline,
    Cause cause,
    Instant observedAt) {
  /// Always `session_diagnosis`.
  @JsonProperty("type")
  public String type() {
    return "session_diagnosis";
  }

  /// Why it waits.
  ///
  /// @param type for programs
  /// @param message one sentence for people, without content of the session
  public record Cause(Type type, String message) {
    /// The reasons there are. What to do about each: `docs/diagnosis.md`.
    public enum Type {
      WAITING_FOR_MESSAGE,
      APPROVAL_PENDING,
      CUSTOM_TOOL_PENDING,
      WORKER_ABSENT,
      WORKER_DUE,
      WORKER_RUNNING,
      WORKER_STOPPED,
      BUDGET_REACHED,
      MODEL_QUEUED,
      MODEL_WORKING,
      MODEL_SILENT,
      RATE_LIMITED,
      MODEL_OVERLOADED,
      RETRYING,
      COMPACTING,
      CLONING_REPOSITORIES,
      ASKING_MCP_SERVERS,
      TOOL_QUEUED,
      TOOL_RUNNING,
      SANDBOX_STARTING,
      SANDBOX_ABSENT,
      VAULT_PROXY_ABSENT,
      HARNESS_ABSENT,
      HARNESS_BEHIND,
      HARNESS_DUE,
      ARCHIVED,
      TERMINATED,
      SET_ASIDE;

      /// As the API writes it.
      @JsonValue
      public String wireName() {
        return name().toLowerCase(Locale.ROOT);
      }
    }
  }

  /// What comes next.
  public enum Step {
    /// Nothing, for ever.
    NONE,
    /// A client says something.
    AWAIT_CLIENT,
    /// The user's worker runs tools.
    AWAIT_WORKER,
    /// The harness decides, and writes what comes of it.
    DECIDE,
    /// The model answers.
    AWAIT_MODEL,
    /// The oldest part of the conversation is summarised.
    COMPACT,
    /// Tools answer.
    AWAIT_TOOLS,
    /// The model is asked again.
    AWAIT_RETRY,
    /// Repositories are cloned.
    AWAIT_REPOSITORIES,
    /// MCP servers name their tools.
    AWAIT_MCP_SERVERS;

    /// As the API writes it.
    @JsonValue
    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Who has to act.
  public enum Owner {
    NOBODY,
    CLIENT,
    WORKER,
    MODEL,
    HARNESS,
    SANDBOX,
    VAULT_PROXY,
    OPERATOR;

    /// As the API writes it.
    @JsonValue
    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
