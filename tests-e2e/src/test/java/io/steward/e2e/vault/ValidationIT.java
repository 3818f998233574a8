package io.steward.e2e.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.errors.BadRequestException;
import com.anthropic.models.beta.vaults.VaultCreateParams;
import com.anthropic.models.beta.vaults.credentials.BetaManagedAgentsCredential;
import com.anthropic.models.beta.vaults.credentials.BetaManagedAgentsCredentialValidation;
import com.anthropic.models.beta.vaults.credentials.BetaManagedAgentsMcpOAuthCreateParams;
import com.anthropic.models.beta.vaults.credentials.BetaManagedAgentsMcpOAuthRefreshParams;
import com.anthropic.models.beta.vaults.credentials.CredentialArchiveParams;
import com.anthropic.models.beta.vaults.credentials.CredentialCreateParams;
import com.anthropic.models.beta.vaults.credentials.CredentialMcpOAuthValidateParams;
import com.anthropic.models.beta.vaults.credentials.CredentialRetrieveParams;
import com.anthropic.services.blocking.beta.vaults.CredentialService;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.stage.KafkaRecords;
import io.steward.e2e.stage.Stage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// `mcp_oauth_validate` against a real server, on a Steward that may connect to this machine.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ValidationIT {
  /// The beginning of every secret here: it must show up nowhere.
  private static final String CANARY = "canary-0ac1e5";

  private @Nullable Stage stage;
  private @Nullable OauthServer server;

  @BeforeAll
  void setStage() throws Exception {
    stage = Stage.set("validation", Map.of("STEWARD_EGRESS_ALLOWED_ADDRESSES", "127.0.0.0/8"));
  }

  @AfterAll
  void closeStage() throws Exception {
    stage().close();
  }

  @BeforeEach
  void startServer() throws Exception {
    server = OauthServer.start(CANARY);
  }

  @AfterEach
  void stopServer() {
    server().close();
  }

  private Stage stage() {
    if (stage == null) {
      throw new IllegalStateException("there is no stage");
    }
    return stage;
  }

  private OauthServer server() {
    if (server == null) {
      throw new IllegalStateException("there is no server");
    }
    return server;
  }

  private CredentialService credentials() {
    return stage().sdk().beta().vaults().credentials();
  }

  /// @param number of the refresh token
  private BetaManagedAgentsCredential made(int number) {
    String vault =
        stage()
            .sdk()
            .beta()
            .vaults()
            .create(VaultCreateParams.builder().displayName("validation").build())
            .id();
    return credentials()
        .create(
            CredentialCreateParams.builder()
                .vaultId(vault)
                .auth(
                    BetaManagedAgentsMcpOAuthCreateParams.builder()
                        .mcpServerUrl(server().url("/mcp"))
                        .accessToken(server().accessToken(0))
                        .refresh(
                            BetaManagedAgentsMcpOAuthRefreshParams.builder()
                                .clientId("client")
                                .tokenEndpoint(server().url("/token"))
                                .refreshToken(server().refreshToken(number))
                                .clientSecretBasicTokenEndpointAuth(server().clientSecret())
                                .build())
                        .build())
                .build());
  }

  private BetaManagedAgentsCredentialValidation validation(BetaManagedAgentsCredential credential) {
    BetaManagedAgentsCredentialValidation validation =
        credentials()
            .mcpOAuthValidate(
                CredentialMcpOAuthValidateParams.builder()
                    .vaultId(credential.vaultId())
                    .credentialId(credential.id())
                    .build())
            .validate();
    assertEquals(credential.id(), validation.credentialId());
    assertEquals(credential.vaultId(), validation.vaultId());
    assertTrue(validation.hasRefreshToken());
    assertFalse(Stage.json(validation).toString().contains(CANARY));
    return validation;
  }

  @Test
  void a_refused_token_is_refreshed_for_good() {
    BetaManagedAgentsCredential credential = made(0);

    BetaManagedAgentsCredentialValidation first = validation(credential);
    BetaManagedAgentsCredentialValidation second = validation(credential);

    assertEquals("valid", first.status().asString());
    assertEquals("succeeded", first.refresh().orElseThrow().status().asString());
    assertEquals("valid", second.status().asString());
    assertTrue(second.refresh().isEmpty());
    assertTrue(second.mcpProbe().isEmpty());
    assertEquals(1, server().grants());
    BetaManagedAgentsCredential kept =
        credentials()
            .retrieve(
                CredentialRetrieveParams.builder()
                    .vaultId(credential.vaultId())
                    .credentialId(credential.id())
                    .build());
    assertTrue(kept.auth().asMcpOAuth().expiresAt().isPresent());
  }

  @Test
  void a_refresh_token_that_was_used_before_makes_the_credential_invalid() {
    BetaManagedAgentsCredentialValidation validation = validation(made(7));

    JsonNode json = Stage.json(validation);
    assertEquals("invalid", validation.status().asString());
    assertEquals("initialize", validation.mcpProbe().orElseThrow().method());
    assertEquals(
        "{\"error\":\"invalid_token\",\"sent\":\"Bearer ***\"}",
        json.at("/mcp_probe/http_response/body").asText());
    assertEquals("failed", validation.refresh().orElseThrow().status().asString());
    assertEquals(400, json.at("/refresh/http_response/status_code").asInt());
    assertEquals(
        "{\"error\":\"invalid_grant\",\"sent\":\"***\"}",
        json.at("/refresh/http_response/body").asText());
  }

  @Test
  void a_server_that_is_away_leaves_it_unknown() {
    BetaManagedAgentsCredential credential = made(0);
    server().close();

    BetaManagedAgentsCredentialValidation validation = validation(credential);

    assertEquals("unknown", validation.status().asString());
    assertTrue(validation.mcpProbe().orElseThrow().httpResponse().isEmpty());
  }

  @Test
  void an_archived_credential_is_not_tried() {
    BetaManagedAgentsCredential credential = made(0);
    credentials()
        .archive(
            CredentialArchiveParams.builder()
                .vaultId(credential.vaultId())
                .credentialId(credential.id())
                .build());

    assertThrows(BadRequestException.class, () -> validation(credential));
  }

  @Test
  void no_token_is_in_a_log_or_on_a_topic() throws Exception {
    validation(made(0));
    validation(made(7));

    List<String> leaks = new ArrayList<>();
    for (Path log : stage().steward().logFiles()) {
      if (holds(Files.readAllBytes(log))) {
        leaks.add(log.toString());
      }
    }
    KafkaRecords.read(stage().steward(), KafkaRecords.topics(stage().steward()))
        .forEach(record -> {
          if (record.value() != null && holds(record.value())) {
            leaks.add(record.topic());
          }
        });

    assertEquals(List.of(), leaks);
  }

  private static boolean holds(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1).contains(CANARY);
  }
}
