package io.steward.vaultproxy.oauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.steward.schemas.http.ApiException;
import io.steward.schemas.vault.CredentialUse;
import io.steward.schemas.vault.CredentialUse.Outcome;
import io.steward.schemas.vault.CredentialUse.Purpose;
import io.steward.vaultproxy.oauth.CredentialValidation.Status;
import io.steward.vaultproxy.stage.OauthSite;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.Vault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is recorded when tokens are refreshed and tried.
class OauthAuditTest extends TokenCase {
  OauthAuditTest(@TempDir Path directory) throws IOException {
    super(directory);
  }

  @BeforeEach
  void forget() {
    stage.uses().clear();
    stage.uses().full(false);
  }

  @Test
  void a_refresh_is_a_use_of_the_refresh_token_for_no_session() {
    Vault vault = stage.vault();
    Credential credential = oauth(vault);
    stage.set(END);

    assertEquals("canary-access-1", text(find(vault)));

    CredentialUse use = stage.uses().all().getFirst();
    assertEquals(
        List.of(
            new CredentialUse(
                use.id(),
                END,
                "wrkspc_default",
                vault.id(),
                credential.id(),
                null,
                Purpose.OAUTH_REFRESH,
                "127.0.0.1",
                site.site().port(),
                false,
                Outcome.ANSWERED,
                200)),
        stage.uses().all());
  }

  @ParameterizedTest
  @CsvSource({"400,refused", "401,refused", "500,answered"})
  void a_refresh_that_is_denied_is_a_use(int status, String outcome) {
    site.site()
        .page(
            "/token",
            exchange -> {
              exchange.getRequestBody().readAllBytes();
              exchange.sendResponseHeaders(status, -1);
            });
    Vault vault = stage.vault();
    oauth(vault);
    stage.set(END);

    assertEquals(OauthSite.FIRST_ACCESS, text(find(vault)));

    assertEquals(List.of("oauth_refresh " + outcome + " " + status), stage.uses().summaries());
  }

  @Test
  void while_no_use_can_be_recorded_no_refresh_token_is_sent() {
    Vault vault = stage.vault();
    oauth(vault);
    stage.set(END);
    stage.uses().full(true);

    assertEquals(OauthSite.FIRST_ACCESS, text(find(vault)));

    assertEquals(0, site.visits("/token"));
    assertEquals(List.of(), stage.uses().all());
  }

  @Test
  void each_token_that_is_tried_is_a_use_and_the_refresh_between_them() {
    Vault vault = stage.vault();
    Credential credential = oauth(vault);

    var _ = instance.validations().validate(vault.id(), credential.id());

    assertEquals(
        List.of(
            "oauth_validate refused 401",
            "oauth_refresh answered 200",
            "oauth_validate answered null"),
        stage.uses().summaries());
    assertNull(stage.uses().all().getFirst().sessionId());
  }

  @Test
  void a_token_that_was_not_sent_is_not_used() {
    Vault vault = stage.vault();
    for (String url : List.of("http://127.0.0.1:1/mcp", "http://inside.example/mcp")) {
      Credential credential =
          stage.credential(
              vault,
              "{'type':'mcp_oauth','mcp_server_url':'" + url + "','access_token':'canary-token'}");

      assertEquals(
          Status.UNKNOWN, instance.validations().validate(vault.id(), credential.id()).status());
    }

    assertEquals(List.of(), stage.uses().all());
  }

  @Test
  void while_no_use_can_be_recorded_no_credential_is_tried() {
    Vault vault = stage.vault();
    Credential credential = oauth(vault);
    stage.uses().full(true);

    ApiException refused =
        assertThrows(
            ApiException.class, () -> instance.validations().validate(vault.id(), credential.id()));

    assertEquals(503, refused.error().status());
    assertEquals(0, site.visits("/mcp"));
  }
}
