package io.steward.e2e.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.errors.BadRequestException;
import com.anthropic.errors.ConflictException;
import com.anthropic.errors.NotFoundException;
import com.anthropic.models.beta.environments.BetaCloudConfigParams;
import com.anthropic.models.beta.environments.BetaEnvironment;
import com.anthropic.models.beta.environments.BetaLimitedNetworkParams;
import com.anthropic.models.beta.environments.BetaSelfHostedConfigParams;
import com.anthropic.models.beta.environments.EnvironmentCreateParams;
import com.anthropic.models.beta.environments.EnvironmentListParams;
import com.anthropic.models.beta.environments.EnvironmentUpdateParams;
import com.anthropic.models.beta.sessions.SessionCreateParams;
import com.anthropic.services.blocking.beta.EnvironmentService;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.ModelsFile;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(StageExtension.class)
class EnvironmentsIT {
  private final Stage stage;
  private final EnvironmentService environments;

  EnvironmentsIT(Stage stage) {
    this.stage = stage;
    this.environments = stage.sdk().beta().environments();
  }

  @Test
  void a_new_environment_is_a_cloud_with_an_unrestricted_network() {
    BetaEnvironment environment = environments.create(named("plain").build()).validate();

    JsonNode json = Stage.json(environment);
    assertTrue(environment.id().startsWith("env_"), environment.id());
    assertEquals("cloud", json.at("/config/type").asText());
    assertEquals("unrestricted", json.at("/config/networking/type").asText());
    for (String manager : List.of("apt", "cargo", "gem", "go", "npm", "pip")) {
      assertEquals("[]", json.at("/config/packages/" + manager).toString(), manager);
    }
    assertTrue(json.get("description").isNull());
    assertTrue(json.get("archived_at").isNull());
    assertEquals("{}", json.path("metadata").toString());
    assertEquals(environment, environments.retrieve(environment.id()).validate());
  }

  @Test
  void a_self_hosted_environment_has_only_its_type() {
    BetaEnvironment environment =
        environments.create(
            named("lab").config(BetaSelfHostedConfigParams.builder().build()).build());

    assertEquals("{\"type\":\"self_hosted\"}", Stage.json(environment).path("config").toString());
  }

  @Test
  void an_update_keeps_what_it_leaves_out_also_inside_the_config() {
    BetaEnvironment environment =
        environments.create(
            named("limited")
                .description("d")
                .config(
                    limited(
                        BetaLimitedNetworkParams.builder()
                            .addAllowedHost("example.com")
                            .allowPackageManagers(true)
                            .build()))
                .build());

    BetaEnvironment updated =
        environments.update(
            EnvironmentUpdateParams.builder()
                .environmentId(environment.id())
                .config(limited(BetaLimitedNetworkParams.builder().allowMcpServers(true).build()))
                .build());

    JsonNode network = Stage.json(updated).at("/config/networking");
    assertEquals("[\"example.com\"]", network.path("allowed_hosts").toString());
    assertTrue(network.path("allow_package_managers").asBoolean());
    assertTrue(network.path("allow_mcp_servers").asBoolean());
    assertEquals("d", updated.description().orElse(""));
    assertEquals(environment.name(), updated.name());
  }

  @Test
  void metadata_is_merged_and_null_or_empty_deletes_a_key() throws Exception {
    String id = environments.create(named("metadata").build()).id();
    String path = "/v1/environments/" + id;
    stage.api().post(path, "{\"metadata\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}}");

    Answer merged = stage.api().post(path, "{\"metadata\":{\"a\":null,\"b\":\"\",\"d\":\"4\"}}");

    assertEquals("{\"c\":\"3\",\"d\":\"4\"}", merged.body().path("metadata").toString());
  }

  @Test
  void the_type_of_the_config_never_changes() {
    BetaEnvironment environment = environments.create(named("cloud").build());

    BadRequestException refused =
        assertThrows(
            BadRequestException.class,
            () ->
                environments.update(
                    EnvironmentUpdateParams.builder()
                        .environmentId(environment.id())
                        .config(BetaSelfHostedConfigParams.builder().build())
                        .build()));

    assertEquals("invalid_config_type_change", refused.errorCode().orElse(""));
  }

  @Test
  void a_second_environment_of_the_same_name_is_a_conflict_that_asks_not_to_be_retried() {
    BetaEnvironment environment = environments.create(named("twice").build());

    ConflictException conflict =
        assertThrows(
            ConflictException.class,
            () ->
                environments.create(
                    EnvironmentCreateParams.builder().name(environment.name()).build()));

    assertEquals(List.of("false"), conflict.headers().values("x-should-retry"));
  }

  @Test
  void an_archived_environment_refuses_updates_and_sessions() {
    BetaEnvironment environment = environments.create(named("archive").build());

    BetaEnvironment archived = environments.archive(environment.id()).validate();

    assertTrue(archived.archivedAt().isPresent());
    assertEquals(archived, environments.archive(environment.id()));
    BadRequestException refused =
        assertThrows(
            BadRequestException.class,
            () ->
                environments.update(
                    EnvironmentUpdateParams.builder()
                        .environmentId(environment.id())
                        .description("late")
                        .build()));
    assertEquals("environment_archived", refused.errorCode().orElse(""));
    assertThrows(BadRequestException.class, () -> session(environment.id()));
  }

  @Test
  void an_unused_environment_is_deleted_for_good() {
    BetaEnvironment environment = environments.create(named("unused").build());

    JsonNode deleted = Stage.json(environments.delete(environment.id()).validate());

    assertEquals(environment.id(), deleted.path("id").asText());
    assertEquals("environment_deleted", deleted.path("type").asText());
    assertThrows(NotFoundException.class, () -> environments.retrieve(environment.id()));
    assertThrows(NotFoundException.class, () -> environments.delete(environment.id()));
  }

  @Test
  void an_environment_with_a_session_is_not_deleted() {
    BetaEnvironment environment = environments.create(named("used").build());
    session(environment.id());

    ConflictException conflict =
        assertThrows(ConflictException.class, () -> environments.delete(environment.id()));

    assertEquals(List.of("false"), conflict.headers().values("x-should-retry"));
    assertEquals(environment, environments.retrieve(environment.id()));
  }

  /// Each asks which sessions there are, and none may cut another's question off.
  @Test
  void deletions_of_used_environments_at_the_same_moment_are_all_conflicts() throws Exception {
    List<String> used = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      String id = environments.create(named("crowd").build()).id();
      session(id);
      used.add(id);
    }
    List<Future<ConflictException>> refused = new ArrayList<>();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String id : used) {
        refused.add(
            clients.submit(
                () -> assertThrows(ConflictException.class, () -> environments.delete(id))));
      }
    }
    for (Future<ConflictException> conflict : refused) {
      assertEquals(List.of("false"), conflict.get().headers().values("x-should-retry"));
    }
  }

  @Test
  void environments_are_paged_and_archived_ones_hidden_unless_asked() {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.addFirst(environments.create(named("page").build()).id());
    }
    environments.archive(made.get(2));

    List<String> usual = ids(EnvironmentListParams.builder().limit(2).build());
    List<String> all = ids(EnvironmentListParams.builder().limit(2).includeArchived(true).build());

    assertEquals(made, all.subList(0, 5));
    assertFalse(usual.contains(made.get(2)));
    assertTrue(usual.containsAll(List.of(made.get(0), made.get(4))));
  }

  @Test
  void the_models_of_the_catalog_are_listed_by_name() {
    List<String> models = new ArrayList<>();

    stage.sdk().models().list().autoPager().forEach(model -> models.add(model.id()));

    assertEquals(ModelsFile.NAMED, models);
  }

  private List<String> ids(EnvironmentListParams params) {
    List<String> ids = new ArrayList<>();
    environments.list(params).autoPager().forEach(environment -> ids.add(environment.id()));
    return ids;
  }

  private void session(String environmentId) {
    stage
        .sdk()
        .beta()
        .sessions()
        .create(
            SessionCreateParams.builder()
                .agent(stage.plainAgentId())
                .environmentId(environmentId)
                .build());
  }

  private static EnvironmentCreateParams.Builder named(String name) {
    return EnvironmentCreateParams.builder().name(name + " " + UUID.randomUUID());
  }

  private static BetaCloudConfigParams limited(BetaLimitedNetworkParams network) {
    return BetaCloudConfigParams.builder().networking(network).build();
  }
}
