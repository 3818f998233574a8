package io.steward.schemas.event;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/// What went wrong in a `session.error`. Source: contract/events.md §6.4.
///
/// @param type one of the contract's error types, such as `model_overloaded_error`
/// @param message for people; never carries a secret or the provider's raw answer
/// @param repositoryUrl of `repository_*` errors, else null
/// @param mcpServerName of `mcp_*` errors, else null
public record ErrorDetail(
    String type,
    String message,
    RetryStatus retryStatus,
    @Nullable String repositoryUrl,
    @Nullable String mcpServerName) {
  public static final String UNKNOWN = "unknown_error";
  public static final String MODEL_OVERLOADED = "model_overloaded_error";
  public static final String MODEL_RATE_LIMITED = "model_rate_limited_error";
  public static final String MODEL_REQUEST_FAILED = "model_request_failed_error";
  public static final String MCP_CONNECTION_FAILED = "mcp_connection_failed_error";
  public static final String MCP_AUTHENTICATION_FAILED = "mcp_authentication_failed_error";
  public static final String BILLING = "billing_error";
  public static final String TOOL_USE_LIMIT_REACHED = "tool_use_limit_reached_error";
  public static final String COMPACTION_LIMIT_REACHED = "compaction_limit_reached_error";
  public static final String REPOSITORY_AUTHENTICATION = "repository_authentication_error";
  public static final String REPOSITORY_FORBIDDEN = "repository_forbidden_error";
  public static final String REPOSITORY_NOT_FOUND = "repository_not_found_error";
  public static final String REPOSITORY_CHECKOUT = "repository_checkout_error";
  public static final String REPOSITORY_CLONE = "repository_clone_error";

  public ErrorDetail(String type, String message, RetryStatus retryStatus) {
    this(type, message, retryStatus, null, null);
  }

  /// An error of a repository that the session goes on without; the next turn tries again.
  public static ErrorDetail ofRepository(String type, String message, @Nullable String url) {
    return new ErrorDetail(type, message, new RetryStatus(Kind.RETRYING), url, null);
  }

  /// An error of an MCP server that the session goes on without; the next turn tries again.
  public static ErrorDetail ofMcpServer(String type, String message, String serverName) {
    return new ErrorDetail(type, message, new RetryStatus(Kind.RETRYING), null, serverName);
  }

  /// What the server does about the error.
  public record RetryStatus(Kind type) {}

  /// See [RetryStatus].
  public enum Kind {
    /// It tries again by itself.
    @JsonProperty("retrying")
    RETRYING,
    /// This turn is dead and queued input is discarded; a new message is welcome.
    @JsonProperty("exhausted")
    EXHAUSTED,
    /// The session ends.
    @JsonProperty("terminal")
    TERMINAL
  }
}
