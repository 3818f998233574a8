package io.steward.schemas.vault;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.steward.schemas.id.SessionId;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A credential was used: a record of `vault-audit`, under its vault's id, and what `GET
/// /v1/vaults/{id}/audit` lists. It holds no secret, and nothing of what was asked or answered.
///
/// The token of a repository belongs to a session and to no vault: its `vaultId` is null, and the
/// session is the record's key.
///
/// @param id `vuse_…`; a record that comes again has the same
/// @param createdAt when it was known how the use went, in milliseconds
/// @param credentialId `vcrd_…`, or `sec_…` for the token of a repository
/// @param sessionId on whose behalf; null when a token was refreshed or validated, because that is
///   done for the credential and not for one session
/// @param host in lower case, without brackets
/// @param port 1 to 65535
/// @param secure whether it was to leave over TLS
/// @param status the host answered with; null when there was none, or several
@JsonPropertyOrder({"id", "type"})
public record CredentialUse(
    String id,
    Instant createdAt,
    String workspaceId,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String vaultId,
    String credentialId,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable SessionId sessionId,
    Purpose purpose,
    String host,
    int port,
    boolean secure,
    Outcome outcome,
    @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Integer status) {
  public static final String TYPE = "vault.credential_used";

  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;

  /// Always `vault.credential_used`.
  @JsonProperty("type")
  public String type() {
    return TYPE;
  }

  /// What a credential was used for.
  public enum Purpose {
    /// Messages to an MCP server.
    @JsonProperty("mcp")
    MCP,
    /// A token endpoint was asked for another access token.
    @JsonProperty("oauth_refresh")
    OAUTH_REFRESH,
    /// `mcp_oauth_validate` tried it.
    @JsonProperty("oauth_validate")
    OAUTH_VALIDATE,
    /// A request of a command in a sandbox.
    @JsonProperty("egress")
    EGRESS,
    /// The token of a repository, by whichever way.
    @JsonProperty("git")
    GIT;

    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }

    /// @throws IllegalArgumentException when there is none of that name
    public static Purpose named(String wireName) {
      return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
  }

  /// How it went.
  public enum Outcome {
    /// The host answered, and not that it does not take the credential.
    @JsonProperty("answered")
    ANSWERED,
    /// The host does not take it: 401, 403, or a token endpoint that says no.
    @JsonProperty("refused")
    REFUSED,
    /// There is no answer, or none that can be read: the credential may have arrived or not.
    @JsonProperty("failed")
    FAILED;

    /// @param status null when no answer came
    public static Outcome of(@Nullable Integer status) {
      if (status == null) {
        return FAILED;
      }
      return status == UNAUTHORIZED || status == FORBIDDEN ? REFUSED : ANSWERED;
    }

    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }

    /// @throws IllegalArgumentException when there is none of that name
    public static Outcome named(String wireName) {
      return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
  }
}
