package io.steward.e2e.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.core.JsonValue;
import com.anthropic.errors.BadRequestException;
import com.anthropic.errors.NotFoundException;
import com.anthropic.models.beta.vaults.BetaManagedAgentsVault;
import com.anthropic.models.beta.vaults.VaultCreateParams;
import com.anthropic.models.beta.vaults.VaultListParams;
import com.anthropic.models.beta.vaults.VaultUpdateParams;
import com.anthropic.services.blocking.beta.VaultService;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(StageExtension.class)
class VaultsIT {
  private final Stage stage;
  private final VaultService vaults;

  VaultsIT(Stage stage) {
    this.stage = stage;
    this.vaults = stage.sdk().beta().vaults();
  }

  @Test
  void a_new_vault_is_retrieved_as_it_was_created() {
    BetaManagedAgentsVault vault =
        vaults
            .create(
                VaultCreateParams.builder()
                    .displayName("Ada")
                    .metadata(
                        VaultCreateParams.Metadata.builder()
                            .putAdditionalProperty("user", JsonValue.from("7"))
                            .build())
                    .build())
            .validate();

    JsonNode json = Stage.json(vault);
    assertTrue(vault.id().startsWith("vlt_"), vault.id());
    assertEquals("vault", json.path("type").asText());
    assertEquals("Ada", vault.displayName());
    assertEquals("{\"user\":\"7\"}", json.path("metadata").toString());
    assertTrue(json.get("archived_at").isNull());
    assertEquals(vault.createdAt(), vault.updatedAt());
    assertEquals(vault, vaults.retrieve(vault.id()).validate());
  }

  @Test
  void an_update_keeps_what_it_leaves_out_and_merges_metadata() throws Exception {
    BetaManagedAgentsVault vault = vaults.create(named("before"));
    String path = "/v1/vaults/" + vault.id();
    stage.api().post(path, "{\"metadata\":{\"a\":\"1\",\"b\":\"2\"}}");

    Answer merged = stage.api().post(path, "{\"metadata\":{\"a\":null,\"c\":\"\"}}");
    BetaManagedAgentsVault renamed =
        vaults.update(VaultUpdateParams.builder().vaultId(vault.id()).displayName("after").build());

    assertEquals("{\"b\":\"2\",\"c\":\"\"}", merged.body().path("metadata").toString());
    assertEquals("before", merged.body().path("display_name").asText());
    assertEquals("after", renamed.displayName());
    assertEquals("{\"b\":\"2\",\"c\":\"\"}", Stage.json(renamed).path("metadata").toString());
    assertTrue(renamed.updatedAt().isAfter(vault.updatedAt()));
    assertEquals(renamed, vaults.update(vault.id()), "an empty update changes nothing");
  }

  @Test
  void vaults_are_paged_newest_first_and_archived_ones_hidden_unless_asked() {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.addFirst(vaults.create(named("page")).id());
    }
    vaults.archive(made.get(2));

    List<String> usual = ids(VaultListParams.builder().limit(2).build());
    List<String> all = ids(VaultListParams.builder().limit(2).includeArchived(true).build());

    assertEquals(made, all.subList(0, 5));
    assertEquals(List.of(made.get(0), made.get(1), made.get(3), made.get(4)), usual.subList(0, 4));
  }

  private List<String> ids(VaultListParams params) {
    List<String> ids = new ArrayList<>();
    vaults.list(params).autoPager().forEach(vault -> ids.add(vault.id()));
    return ids;
  }

  @Test
  void an_archived_vault_stays_readable_and_refuses_changes() throws Exception {
    String id = vaults.create(named("archive")).id();
    String credentials = "/v1/vaults/" + id + "/credentials";
    Answer made =
        stage
            .api()
            .post(
                credentials,
                "{\"auth\":{\"type\":\"static_bearer\",\"mcp_server_url\":\"https://a.example\",\"token\":\"t\"}}");

    BetaManagedAgentsVault archived = vaults.archive(id).validate();

    assertTrue(archived.archivedAt().isPresent());
    assertEquals(archived, vaults.archive(id));
    assertEquals(archived, vaults.retrieve(id));
    assertThrows(BadRequestException.class, () -> vaults.update(id));
    Answer credential = stage.api().get(credentials + "/" + made.id());
    assertEquals(
        archived.archivedAt().orElseThrow().toInstant(),
        Instant.parse(credential.body().path("archived_at").asText()));
    assertEquals("[]", stage.api().get(credentials).body().path("data").toString());
    Answer late = stage.api().post(credentials, "{\"auth\":" + made.body().path("auth") + "}");
    assertEquals(400, late.status(), late::toString);
  }

  @Test
  void a_deleted_vault_is_gone_with_its_credentials() throws Exception {
    String id = vaults.create(named("delete")).id();

    JsonNode deleted = Stage.json(vaults.delete(id).validate());

    assertEquals(id, deleted.path("id").asText());
    assertEquals("vault_deleted", deleted.path("type").asText());
    assertThrows(NotFoundException.class, () -> vaults.retrieve(id));
    assertThrows(NotFoundException.class, () -> vaults.delete(id));
    assertEquals(404, stage.api().get("/v1/vaults/" + id + "/credentials").status());
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/v1/vaults/vlt_01none,404",
    "POST,/v1/vaults/vlt_01none/archive,404",
    "DELETE,/v1/vaults/vlt_01none,404",
    "GET,/v1/vaults/vlt_01none/credentials,404",
    "GET,/v1/vaults/vlt_01none/unknown,404",
    "POST,/v1/vaults/vlt_01none/credentials/vcrd_01none/archive,404",
    "POST,/v1/vaults/vlt_01none/credentials/vcrd_01none/mcp_oauth_validate,404",
    "PUT,/v1/vaults,405",
    "DELETE,/v1/vaults/vlt_01none/credentials,405",
  })
  void what_is_not_there_is_told_in_the_envelope(String method, String path, int status)
      throws Exception {
    Answer answer =
        stage
            .api()
            .send(stage.api().request(path).method(method, HttpRequest.BodyPublishers.noBody()));

    assertEquals(status, answer.status(), answer::toString);
    assertEquals(status == 404 ? "not_found_error" : "invalid_request_error", answer.errorType());
    assertEquals(answer.header("request-id"), answer.body().path("request_id").asText());
    assertEquals("wrkspc_default", answer.header("anthropic-workspace-id"));
  }

  @Test
  void versions_betas_and_unknown_parameters_are_tolerated() throws Exception {
    Answer answer =
        stage
            .api()
            .send(
                stage
                    .api()
                    .request("/v1/vaults?beta=true&x=1&page=")
                    .setHeader("anthropic-version", "2026-10-21")
                    .setHeader("anthropic-beta", "something-else")
                    .header("anthropic-workspace-id", "wrkspc_default")
                    .GET());

    assertEquals(200, answer.status(), answer.text());
    assertFalse(answer.body().path("data").isMissingNode());
  }

  private static VaultCreateParams named(String name) {
    return VaultCreateParams.builder().displayName(name).build();
  }
}
