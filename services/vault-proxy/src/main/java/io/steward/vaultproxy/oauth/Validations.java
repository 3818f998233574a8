package io.steward.vaultproxy.oauth;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.vault.CredentialUse.Outcome;
import io.steward.schemas.vault.CredentialUse.Purpose;
import io.steward.vaultproxy.audit.Audit;
import io.steward.vaultproxy.audit.CredentialUser;
import io.steward.vaultproxy.audit.CredentialUser.Used;
import io.steward.vaultproxy.audit.Destination;
import io.steward.vaultproxy.egress.EgressRefusal;
import io.steward.vaultproxy.egress.WebUrl;
import io.steward.vaultproxy.oauth.CredentialValidation.McpProbe;
import io.steward.vaultproxy.oauth.CredentialValidation.RefreshAttempt;
import io.steward.vaultproxy.oauth.CredentialValidation.Status;
import io.steward.vaultproxy.oauth.ProbeResult.Reason;
import io.steward.vaultproxy.oauth.ProbeResult.Stopped;
import io.steward.vaultproxy.outbound.Deadline;
import io.steward.vaultproxy.outbound.PinnedClient;
import io.steward.vaultproxy.store.PostgresCredentials;
import io.steward.vaultproxy.store.PostgresTokens;
import io.steward.vaultproxy.vault.AccessToken;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.CredentialAuth.McpOauth;
import io.steward.vaultproxy.vault.OpenCredential;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// Tries credentials of the type `mcp_oauth` on their server. Source: contract/platform.md §3.6.
public final class Validations {
  /// Of trying one credential.
  static final Duration TIME_MAX = Duration.ofSeconds(30);

  /// Credentials that are tried at once; one more is refused. Answers take memory.
  static final int AT_ONCE_MAX = 4;

  private static final Duration RETRY = Duration.ofSeconds(1);

  private final PostgresCredentials credentials;
  private final PostgresTokens tokens;
  private final Refreshes refreshes;
  private final ServerProbe server;
  private final CredentialUser user;
  private final InstantSource clock;
  private final Semaphore turns = new Semaphore(AT_ONCE_MAX);

  public Validations(
      PostgresCredentials credentials,
      PostgresTokens tokens,
      Refreshes refreshes,
      PinnedClient client,
      Audit audit) {
    this.credentials = credentials;
    this.tokens = tokens;
    this.refreshes = refreshes;
    this.server = new ServerProbe(client);
    this.user = audit.user(Purpose.OAUTH_VALIDATE, Envelope.DEFAULT_WORKSPACE, null);
    this.clock = audit.clock();
  }

  /// Tries a credential, and after a 401 once more with a refreshed token, which is kept.
  ///
  /// @throws ApiException 404 when the vault has no such credential, 400 when it is archived or of
  ///   another type, 429 when too many are being tried, 503 when no use can be recorded
  public CredentialValidation validate(String vaultId, String id) {
    Credential credential = credentials.find(vaultId, id);
    McpOauth auth = required(credential);
    if (!user.mayUse()) {
      throw new ApiException(ApiError.unavailable(Audit.NO_ROOM));
    }
    if (!turns.tryAcquire()) {
      throw new ApiException(
          ApiError.rateLimited(
              "More than " + AT_ONCE_MAX + " credentials are being validated.", RETRY));
    }
    try {
      Attempt attempt =
          tokens
              .find(vaultId, id)
              .map(open -> tried(open, auth.mcpServerUrl(), Deadline.in(TIME_MAX)))
              .orElseGet(() -> new Attempt(Status.INVALID, null, null));
      return new CredentialValidation(
          id,
          vaultId,
          clock.instant(),
          auth.refresh() != null,
          attempt.status(),
          attempt.probe(),
          attempt.refresh());
    } finally {
      turns.release();
    }
  }

  private static McpOauth required(Credential credential) {
    if (!(credential.auth() instanceof McpOauth auth)) {
      throw new ApiException(
          ApiError.invalid(
              "Credential "
                  + credential.id()
                  + " is of the type "
                  + credential.auth().wireType()
                  + ", but only mcp_oauth credentials can be validated."));
    }
    if (credential.archivedAt() != null) {
      throw new ApiException(
          ApiError.invalid(
              "Credential " + credential.id() + " is archived and has no token to validate."));
    }
    return auth;
  }

  private record Attempt(
      Status status, @Nullable McpProbe probe, @Nullable RefreshAttempt refresh) {
    static Attempt of(ProbeResult probe, @Nullable RefreshAttempt refresh) {
      return new Attempt(Status.of(probe), McpProbe.of(probe), refresh);
    }
  }

  private Attempt tried(OpenCredential credential, String url, Deadline deadline) {
    Optional<AccessToken> token = CredentialTokens.token(credential);
    if (token.isEmpty()) {
      return new Attempt(Status.INVALID, null, null);
    }
    ProbeResult first = probed(credential, token.get(), url, deadline);
    boolean unauthenticated =
        first instanceof Stopped(_, var reason, _) && reason == Reason.UNAUTHENTICATED;
    if (!unauthenticated) {
      return Attempt.of(first, null);
    }
    if (!token.get().refreshable()) {
      return Attempt.of(first, new RefreshAttempt(RefreshAttempt.Outcome.NO_REFRESH_TOKEN, null));
    }
    return switch (refreshes.asked(token.get(), deadline)) {
      case Refreshed.Fresh(var fresh, var asked) ->
          deadline.left().isZero()
              ? new Attempt(Status.UNKNOWN, McpProbe.of(first), succeeded(asked))
              : again(fresh, url, succeeded(asked), deadline);
      case Refreshed.Failed failed -> failed(first, failed);
      case Refreshed.Gone _ -> new Attempt(Status.INVALID, null, null);
    };
  }

  private Attempt again(
      OpenCredential fresh, String url, @Nullable RefreshAttempt refresh, Deadline deadline) {
    return CredentialTokens.token(fresh)
        .map(token -> Attempt.of(probed(fresh, token, url, deadline), refresh))
        .orElseGet(() -> new Attempt(Status.INVALID, null, refresh));
  }

  /// Null when somebody else replaced the token.
  private static @Nullable RefreshAttempt succeeded(boolean asked) {
    return asked ? new RefreshAttempt(RefreshAttempt.Outcome.SUCCEEDED, null) : null;
  }

  private static Attempt failed(ProbeResult first, Refreshed.Failed failed) {
    RefreshAttempt.Outcome outcome =
        failed.response() == null
            ? RefreshAttempt.Outcome.CONNECT_ERROR
            : RefreshAttempt.Outcome.FAILED;
    return new Attempt(
        failed.refused() ? Status.INVALID : Status.UNKNOWN,
        McpProbe.of(first),
        new RefreshAttempt(outcome, failed.response()));
  }

  private ProbeResult probed(
      OpenCredential credential, AccessToken token, String url, Deadline deadline) {
    ProbeResult result =
        server.probe(url, token.token(), Scrubber.of(credential.secrets().values()), deadline);
    note(token, url, result);
    return result;
  }

  private void note(AccessToken token, String url, ProbeResult result) {
    if (result instanceof Stopped(_, var reason, _) && reason == Reason.NOT_SENT) {
      return;
    }
    HttpReport response = result instanceof Stopped stopped ? stopped.response() : null;
    @Nullable Integer status = response == null ? null : response.statusCode();
    Outcome outcome = result instanceof ProbeResult.Passed ? Outcome.ANSWERED : Outcome.of(status);
    try {
      user.record(
          new Used(token.vaultId(), token.credentialId()),
          Destination.of(WebUrl.parse(url)),
          outcome,
          status);
    } catch (EgressRefusal e) {
      throw new IllegalStateException("a token was sent to what is no URL", e);
    }
  }
}
