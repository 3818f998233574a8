package io.steward.vaultproxy.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.id.Ids;
import io.steward.vaultproxy.oauth.CredentialValidation;
import io.steward.vaultproxy.oauth.Validations;
import io.steward.vaultproxy.outbox.OutboxRelay;
import io.steward.vaultproxy.store.PostgresCredentials;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.CredentialRules;
import io.steward.vaultproxy.vault.ListPosition;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `/v1/vaults/{vault_id}/credentials`. A variable that is made, archived or deleted is answered
/// when other services know of it, so that the next sandbox has it, or has it no more. Source:
/// contract/platform.md §3.
@Singleton
class CredentialRoutes {
  private static final String ALL = "/v1/vaults/{vault_id}/credentials";
  private static final String ONE = ALL + "/{credential_id}";

  private final PostgresCredentials credentials;
  private final Validations validations;
  private final OutboxRelay relay;
  private final InstantSource clock;

  CredentialRoutes(
      PostgresCredentials credentials,
      Validations validations,
      OutboxRelay relay,
      InstantSource clock) {
    this.credentials = credentials;
    this.validations = validations;
    this.relay = relay;
    this.clock = clock;
  }

  List<Route> routes() {
    return List.of(
        Route.post(ALL, this::create),
        Route.get(ALL, this::list),
        Route.get(ONE, request -> credentials.find(request.vaultId(), request.credentialId())),
        Route.post(ONE, this::update),
        Route.delete(ONE, this::delete),
        Route.post(ONE + "/archive", this::archive),
        Route.post(ONE + "/mcp_oauth_validate", this::validate));
  }

  private Credential create(Request request) {
    return published(
        credentials.create(
            CredentialRules.create(
                request.object(), Ids.random("vcrd_"), request.vaultId(), clock.instant())));
  }

  private Credential published(Credential credential) {
    if (credential.auth().inSandboxes()) {
      relay.awaitPublished(credential.vaultId());
    }
    return credential;
  }

  private Page list(Request request) {
    String vaultId = request.vaultId();
    String list = "credentials of " + vaultId;
    @Nullable ListPosition after = Cursor.read(request.query(), list);
    int limit = request.query().limit();
    return Page.of(
        list,
        credentials.list(vaultId, request.query().includeArchived(), after, limit + 1),
        limit,
        last -> new ListPosition(last.createdAt(), last.id()));
  }

  private Credential update(Request request) {
    ObjectNode patch = request.object();
    Instant now = clock.instant();
    return credentials.change(
        request.vaultId(),
        request.credentialId(),
        current -> CredentialRules.update(current, patch, now));
  }

  private Credential archive(Request request) {
    return published(
        credentials.archive(request.vaultId(), request.credentialId(), clock.instant()));
  }

  private CredentialValidation validate(Request request) {
    return validations.validate(request.vaultId(), request.credentialId());
  }

  private Deleted delete(Request request) {
    Credential deleted = published(credentials.delete(request.vaultId(), request.credentialId()));
    return new Deleted(deleted.id(), "vault_credential_deleted");
  }
}
