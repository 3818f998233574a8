package io.steward.e2e.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.errors.BadRequestException;
import com.anthropic.errors.ConflictException;
import com.anthropic.errors.NotFoundException;
import com.anthropic.models.beta.vaults.VaultCreateParams;
import com.anthropic.models.beta.vaults.credentials.BetaManagedAgentsCredential;
import com.anthropic.models.beta.vaults.credentials.BetaManagedAgentsCredentialValidation;
import com.anthropic.models.beta.vaults.credentials.BetaManagedAgentsEnvironmentVariableCreateParams;
import com.anthropic.models.beta.vaults.credentials.BetaManagedAgentsMcpOAuthCreateParams;
import com.anthropic.models.beta.vaults.credentials.BetaManagedAgentsMcpOAuthRefreshParams;
import com.anthropic.models.beta.vaults.credentials.BetaManagedAgentsMcpOAuthUpdateParams;
import com.anthropic.models.beta.vaults.credentials.BetaManagedAgentsStaticBearerCreateParams;
import com.anthropic.models.beta.vaults.credentials.CredentialArchiveParams;
import com.anthropic.models.beta.vaults.credentials.CredentialCreateParams;
import com.anthropic.models.beta.vaults.credentials.CredentialDeleteParams;
import com.anthropic.models.beta.vaults.credentials.CredentialListParams;
import com.anthropic.models.beta.vaults.credentials.CredentialMcpOAuthValidateParams;
import com.anthropic.models.beta.vaults.credentials.CredentialRetrieveParams;
import com.anthropic.models.beta.vaults.credentials.CredentialUpdateParams;
import com.anthropic.services.blocking.beta.vaults.CredentialService;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Api;
import io.steward.e2e.stage.KafkaRecords;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(StageExtension.class)
class CredentialsIT {
  /// The beginning of every secret here: it must show up nowhere.
  private static final String CANARY = "canary-c0ffee";

  private static final OffsetDateTime EXPIRY =
      OffsetDateTime.of(2099, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

  private final Stage stage;
  private final CredentialService credentials;
  private final String vault;

  CredentialsIT(Stage stage) {
    this.stage = stage;
    this.credentials = stage.sdk().beta().vaults().credentials();
    this.vault =
        stage
            .sdk()
            .beta()
            .vaults()
            .create(VaultCreateParams.builder().displayName("credentials").build())
            .id();
  }

  private static BetaManagedAgentsStaticBearerCreateParams bearer(String url) {
    return BetaManagedAgentsStaticBearerCreateParams.builder()
        .mcpServerUrl(url)
        .token(CANARY + "-token")
        .build();
  }

  private CredentialCreateParams.Builder fresh() {
    return CredentialCreateParams.builder().vaultId(vault);
  }

  private BetaManagedAgentsCredential made(String url) {
    return credentials.create(fresh().auth(bearer(url)).build());
  }

  private CredentialRetrieveParams one(BetaManagedAgentsCredential credential) {
    return CredentialRetrieveParams.builder().vaultId(vault).credentialId(credential.id()).build();
  }

  private String path(BetaManagedAgentsCredential credential) {
    return "/v1/vaults/" + vault + "/credentials/" + credential.id();
  }

  private static JsonNode auth(BetaManagedAgentsCredential credential) {
    JsonNode json = Stage.json(credential);
    assertFalse(json.toString().contains(CANARY), json.toString());
    return json.path("auth");
  }

  @Test
  void a_static_bearer_is_retrieved_without_its_token() {
    BetaManagedAgentsCredential credential =
        credentials
            .create(
                fresh()
                    .displayName("Linear")
                    .auth(bearer("https://mcp.linear.example/mcp"))
                    .build())
            .validate();

    assertTrue(credential.id().startsWith("vcrd_"), credential.id());
    assertEquals(vault, credential.vaultId());
    assertEquals("Linear", credential.displayName().orElse(""));
    assertEquals(
        Api.json(
            "{\"type\":\"static_bearer\",\"mcp_server_url\":\"https://mcp.linear.example/mcp\"}"),
        auth(credential));
    assertEquals(credential, credentials.retrieve(one(credential)).validate());
  }

  @Test
  void an_oauth_credential_is_rotated_without_showing_its_secrets() {
    BetaManagedAgentsCredential credential =
        credentials
            .create(
                fresh()
                    .auth(
                        BetaManagedAgentsMcpOAuthCreateParams.builder()
                            .mcpServerUrl("https://mcp.example.com")
                            .accessToken(CANARY + "-access")
                            .expiresAt(EXPIRY)
                            .refresh(
                                BetaManagedAgentsMcpOAuthRefreshParams.builder()
                                    .clientId("client")
                                    .tokenEndpoint("https://auth.example.com/token")
                                    .refreshToken(CANARY + "-refresh")
                                    .scope("read")
                                    .clientSecretBasicTokenEndpointAuth(CANARY + "-secret")
                                    .build())
                            .build())
                    .build())
            .validate();

    BetaManagedAgentsCredential rotated =
        credentials.update(
            CredentialUpdateParams.builder()
                .vaultId(vault)
                .credentialId(credential.id())
                .auth(
                    BetaManagedAgentsMcpOAuthUpdateParams.builder()
                        .accessToken(CANARY + "-next")
                        .expiresAt(EXPIRY.plusYears(1))
                        .build())
                .build());

    JsonNode before = auth(credential);
    assertEquals("client", before.at("/refresh/client_id").asText());
    assertEquals("read", before.at("/refresh/scope").asText());
    assertEquals("client_secret_basic", before.at("/refresh/token_endpoint_auth/type").asText());
    assertEquals(before.path("refresh"), auth(rotated).path("refresh"));
    assertEquals(EXPIRY.plusYears(1), rotated.auth().asMcpOAuth().expiresAt().orElseThrow());
    assertEquals(rotated, credentials.retrieve(one(credential)).validate());
  }

  @Test
  void a_variable_shows_where_it_may_go_and_not_what_it_holds() throws Exception {
    BetaManagedAgentsCredential credential =
        credentials
            .create(
                fresh()
                    .auth(
                        BetaManagedAgentsEnvironmentVariableCreateParams.builder()
                            .secretName("GITHUB_TOKEN")
                            .secretValue(CANARY + "-value")
                            .limitedNetworking(List.of("api.github.com", "*.github.com"))
                            .build())
                    .build())
            .validate();

    Answer merged =
        stage
            .api()
            .post(
                path(credential),
                "{\"auth\":{\"type\":\"environment_variable\",\"injection_location\":{\"body\":false}}}");

    assertEquals(
        "[\"api.github.com\",\"*.github.com\"]",
        auth(credential).at("/networking/allowed_hosts").toString());
    assertTrue(auth(credential).at("/injection_location/header").asBoolean());
    assertTrue(auth(credential).at("/injection_location/body").asBoolean());
    assertTrue(merged.body().at("/auth/injection_location/header").asBoolean());
    assertFalse(merged.body().at("/auth/injection_location/body").asBoolean(true));
    assertFalse(merged.text().contains(CANARY), merged.text());
  }

  @Test
  void a_second_credential_for_the_same_server_is_a_conflict_that_asks_not_to_be_retried() {
    BetaManagedAgentsCredential first = made("https://mcp.example.com/mcp");

    ConflictException conflict =
        assertThrows(ConflictException.class, () -> made("HTTPS://MCP.example.com:443/mcp/"));
    credentials.archive(
        CredentialArchiveParams.builder().vaultId(vault).credentialId(first.id()).build());
    made("https://mcp.example.com/mcp");

    assertEquals(List.of("false"), conflict.headers().values("x-should-retry"));
    assertFalse(String.valueOf(conflict.getMessage()).contains(CANARY));
  }

  @Test
  void a_vault_has_at_most_twenty_active_credentials_and_pages_them_newest_first() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ids.addFirst(made("https://mcp.example.com/" + i).id());
    }
    assertThrows(BadRequestException.class, () -> made("https://mcp.example.com/20"));
    credentials.archive(
        CredentialArchiveParams.builder().vaultId(vault).credentialId(ids.get(3)).build());
    ids.addFirst(made("https://mcp.example.com/20").id());

    List<String> all = listed(true);
    List<String> active = listed(false);

    assertEquals(ids, all);
    ids.remove(4);
    assertEquals(ids, active);
  }

  private List<String> listed(boolean includeArchived) {
    List<String> ids = new ArrayList<>();
    credentials
        .list(
            CredentialListParams.builder()
                .vaultId(vault)
                .limit(6)
                .includeArchived(includeArchived)
                .build())
        .autoPager()
        .forEach(credential -> {
          auth(credential);
          ids.add(credential.id());
        });
    return ids;
  }

  @Test
  void an_archived_credential_stays_readable_and_refuses_changes() throws Exception {
    BetaManagedAgentsCredential credential = made("https://mcp.example.com");
    CredentialArchiveParams archive =
        CredentialArchiveParams.builder().vaultId(vault).credentialId(credential.id()).build();

    BetaManagedAgentsCredential archived = credentials.archive(archive).validate();

    assertTrue(archived.archivedAt().isPresent());
    assertEquals(archived, credentials.archive(archive));
    assertEquals(archived, credentials.retrieve(one(credential)));
    assertEquals(400, stage.api().post(path(credential), "{}").status());
  }

  @Test
  void a_deleted_credential_is_gone() {
    BetaManagedAgentsCredential credential = made("https://mcp.example.com");
    CredentialDeleteParams delete =
        CredentialDeleteParams.builder().vaultId(vault).credentialId(credential.id()).build();

    JsonNode deleted = Stage.json(credentials.delete(delete).validate());

    assertEquals(credential.id(), deleted.path("id").asText());
    assertEquals("vault_credential_deleted", deleted.path("type").asText());
    assertThrows(NotFoundException.class, () -> credentials.retrieve(one(credential)));
    assertThrows(NotFoundException.class, () -> credentials.delete(delete));
  }

  @Test
  void a_credential_is_found_in_its_own_vault_only() throws Exception {
    BetaManagedAgentsCredential credential = made("https://mcp.example.com");
    String other = stage.api().post("/v1/vaults", "{\"display_name\":\"other\"}").id();

    assertEquals(
        404, stage.api().get("/v1/vaults/" + other + "/credentials/" + credential.id()).status());
  }

  @Test
  void a_credential_is_not_tried_on_a_private_address() {
    BetaManagedAgentsCredential credential =
        credentials.create(
            fresh()
                .auth(
                    BetaManagedAgentsMcpOAuthCreateParams.builder()
                        .mcpServerUrl("http://10.0.0.1/mcp")
                        .accessToken(CANARY + "-access")
                        .build())
                .build());

    BetaManagedAgentsCredentialValidation validation =
        credentials.mcpOAuthValidate(validate(credential)).validate();

    assertEquals("unknown", validation.status().asString());
    assertFalse(validation.hasRefreshToken());
    assertTrue(validation.mcpProbe().orElseThrow().httpResponse().isEmpty());
    assertTrue(validation.refresh().isEmpty());
  }

  @Test
  void only_oauth_credentials_are_tried() {
    BetaManagedAgentsCredential credential = made("https://mcp.example.com");

    BadRequestException refused =
        assertThrows(
            BadRequestException.class, () -> credentials.mcpOAuthValidate(validate(credential)));

    assertTrue(String.valueOf(refused.getMessage()).contains("static_bearer"));
  }

  private CredentialMcpOAuthValidateParams validate(BetaManagedAgentsCredential credential) {
    return CredentialMcpOAuthValidateParams.builder()
        .vaultId(vault)
        .credentialId(credential.id())
        .build();
  }

  @Test
  void no_secret_is_in_a_log_or_on_a_topic() throws Exception {
    made("https://mcp.example.com");
    stage
        .api()
        .post(
            "/v1/vaults/" + vault + "/credentials",
            "{\"auth\":{\"type\":\"static_bearer\",\"token\":\"" + CANARY + "\\n\"}}");

    List<String> leaks = new ArrayList<>();
    for (Path log : stage.steward().logFiles()) {
      if (holds(Files.readAllBytes(log))) {
        leaks.add(log.toString());
      }
    }
    KafkaRecords.read(stage.steward(), KafkaRecords.topics(stage.steward()))
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
