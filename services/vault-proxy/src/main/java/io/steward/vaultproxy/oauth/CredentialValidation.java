package io.steward.vaultproxy.oauth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What became of trying a credential, exactly as the API returns it. Source: contract/platform.md
/// §3.6.
///
/// @param mcpProbe the step of the last probe that failed; null when it passed, or there was no
///   token to try
/// @param refresh the outcome of a refresh after a 401; null when there was none
@JsonPropertyOrder({"type", "credential_id", "vault_id"})
public record CredentialValidation(
    String credentialId,
    String vaultId,
    Instant validatedAt,
    boolean hasRefreshToken,
    Status status,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable McpProbe mcpProbe,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable RefreshAttempt refresh) {

  /// Always `vault_credential_validation`.
  @JsonProperty("type")
  public String type() {
    return "vault_credential_validation";
  }

  /// The verdict.
  public enum Status {
    /// The server took the token.
    @JsonProperty("valid")
    VALID,
    /// The server refused, and a refresh did not help; or there is no token.
    @JsonProperty("invalid")
    INVALID,
    /// Nobody can tell now.
    @JsonProperty("unknown")
    UNKNOWN;

    static Status of(ProbeResult result) {
      return switch (result) {
        case ProbeResult.Passed _ -> VALID;
        case ProbeResult.Stopped(_, var reason, _) ->
            switch (reason) {
              case UNAUTHENTICATED, REFUSED -> INVALID;
              case NOT_SENT, UNCLEAR -> UNKNOWN;
            };
      };
    }
  }

  /// @param method `initialize`, `notifications/initialized` or `tools/list`
  /// @param httpResponse null when there was none
  public record McpProbe(
      String method, @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable HttpReport httpResponse) {

    static @Nullable McpProbe of(ProbeResult result) {
      return switch (result) {
        case ProbeResult.Passed _ -> null;
        case ProbeResult.Stopped(var method, _, var response) -> new McpProbe(method, response);
      };
    }
  }

  /// @param httpResponse null unless the endpoint answered and granted nothing
  public record RefreshAttempt(
      Outcome status, @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable HttpReport httpResponse) {

    public enum Outcome {
      @JsonProperty("succeeded")
      SUCCEEDED,
      @JsonProperty("failed")
      FAILED,
      @JsonProperty("connect_error")
      CONNECT_ERROR,
      @JsonProperty("no_refresh_token")
      NO_REFRESH_TOKEN
    }
  }
}
