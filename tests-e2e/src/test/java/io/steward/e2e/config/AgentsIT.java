package io.steward.e2e.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.core.JsonValue;
import com.anthropic.errors.BadRequestException;
import com.anthropic.errors.ConflictException;
import com.anthropic.errors.NotFoundException;
import com.anthropic.models.beta.agents.AgentCreateParams;
import com.anthropic.models.beta.agents.AgentListParams;
import com.anthropic.models.beta.agents.AgentRetrieveParams;
import com.anthropic.models.beta.agents.AgentUpdateParams;
import com.anthropic.models.beta.agents.BetaManagedAgentsAgent;
import com.anthropic.models.beta.agents.BetaManagedAgentsModelConfigParams;
import com.anthropic.models.beta.agents.versions.VersionListParams;
import com.anthropic.models.beta.sessions.SessionCreateParams;
import com.anthropic.services.blocking.beta.AgentService;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Api;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(StageExtension.class)
class AgentsIT {
  private final Stage stage;
  private final AgentService agents;

  AgentsIT(Stage stage) {
    this.stage = stage;
    this.agents = stage.sdk().beta().agents();
  }

  @Test
  void a_new_agent_has_version_one_and_every_default() {
    AgentCreateParams params = Stage.agent("defaults").build();

    BetaManagedAgentsAgent agent = agents.create(params).validate();

    JsonNode json = Stage.json(agent);
    assertEquals(1, agent.version());
    assertTrue(agent.id().startsWith("agent_"), agent.id());
    assertEquals(params.name(), agent.name());
    assertEquals("agent", json.path("type").asText());
    assertEquals(Stage.MODEL, json.at("/model/id").asText());
    assertEquals("standard", json.at("/model/speed").asText());
    assertTrue(json.at("/model/effort").isObject(), json.toString());
    assertEquals("service_account", json.at("/execution_identity/type").asText());
    for (String list : List.of("tools", "mcp_servers", "skills")) {
      assertEquals("[]", json.path(list).toString());
    }
    for (String unset : List.of("description", "system", "multiagent", "archived_at")) {
      assertTrue(json.has(unset) && json.get(unset).isNull(), unset);
    }
    assertEquals("{}", json.path("metadata").toString());
  }

  @Test
  void a_created_agent_reads_back_the_same() {
    BetaManagedAgentsAgent created =
        agents.create(
            Stage.agent("full")
                .description("what it does")
                .system("Be brief.")
                .addTool(Stage.toolset())
                .metadata(metadata("team", "core"))
                .build());

    assertEquals(created, agents.retrieve(created.id()).validate());
    assertEquals("agent_toolset_20260401", Stage.json(created).at("/tools/0/type").asText());
    assertEquals("core", Stage.json(created).at("/metadata/team").asText());
  }

  @Test
  void the_toolset_comes_back_with_its_defaults_resolved() throws Exception {
    Answer answer =
        stage
            .api()
            .post(
                "/v1/agents",
                """
                {"name":"toolset","model":"%s","tools":[{"type":"agent_toolset_20260401",
                 "configs":[{"name":"bash","enabled":false}]}]}
                """
                    .formatted(Stage.MODEL));

    JsonNode tool = answer.body().at("/tools/0");
    assertEquals(200, answer.status(), answer.text());
    assertTrue(tool.at("/default_config/enabled").asBoolean());
    assertEquals("always_allow", tool.at("/default_config/permission_policy/type").asText());
    JsonNode bash = config(tool, "bash");
    assertEquals("bash", bash.path("type").asText());
    assertFalse(bash.path("enabled").asBoolean(true));
    assertEquals("always_allow", bash.at("/permission_policy/type").asText());
  }

  @Test
  void an_effective_update_makes_the_next_version_and_the_old_one_stays_readable() {
    BetaManagedAgentsAgent first = agents.create(Stage.agent("versions").system("one").build());

    BetaManagedAgentsAgent second =
        agents.update(update(first).version(1).system("two").build()).validate();

    assertEquals(2, second.version());
    assertEquals(Optional.of("two"), second.system());
    assertEquals(first.name(), second.name());
    assertEquals(Optional.of("two"), agents.retrieve(first.id()).system());
    assertEquals(Optional.of("one"), retrieveVersion(first.id(), 1).system());
    assertEquals(
        List.of(2, 1),
        agents
            .versions()
            .list(VersionListParams.builder().agentId(first.id()).build())
            .items()
            .stream()
            .map(BetaManagedAgentsAgent::version)
            .toList());
  }

  @Test
  void an_update_without_effect_keeps_the_version() {
    BetaManagedAgentsAgent agent = agents.create(Stage.agent("same").system("one").build());

    BetaManagedAgentsAgent same = agents.update(update(agent).version(1).system("one").build());

    assertEquals(1, same.version());
    assertEquals(agent, same);
  }

  @Test
  void an_update_of_an_outdated_version_is_a_conflict_that_asks_not_to_be_retried() {
    BetaManagedAgentsAgent agent = agents.create(Stage.agent("conflict").build());
    agents.update(update(agent).version(1).system("two").build());

    ConflictException conflict =
        assertThrows(
            ConflictException.class,
            () -> agents.update(update(agent).version(1).system("other").build()));

    assertEquals(List.of("false"), conflict.headers().values("x-should-retry"));
    assertTrue(conflict.body().toString().contains("conflict_error"), conflict.body().toString());
    assertEquals(Optional.of("two"), agents.retrieve(agent.id()).system());
  }

  @Test
  void a_version_mismatch_is_a_conflict_even_when_nothing_would_change() {
    BetaManagedAgentsAgent agent = agents.create(Stage.agent("conflict").system("one").build());

    assertThrows(
        ConflictException.class,
        () -> agents.update(update(agent).version(7).system("one").build()));
  }

  @Test
  void null_and_empty_clear_a_text_and_what_is_left_out_stays() throws Exception {
    BetaManagedAgentsAgent agent =
        agents.create(Stage.agent("patch").system("s").description("d").build());

    Answer cleared =
        stage.api().post("/v1/agents/" + agent.id(), "{\"system\":null,\"description\":\"\"}");

    assertEquals(200, cleared.status(), cleared.text());
    assertTrue(cleared.body().path("system").isNull());
    assertTrue(cleared.body().path("description").isNull());
    assertEquals(agent.name(), cleared.body().path("name").asText());
  }

  @Test
  void metadata_is_merged_key_by_key() throws Exception {
    BetaManagedAgentsAgent agent =
        agents.create(
            Stage.agent("metadata")
                .metadata(
                    AgentCreateParams.Metadata.builder()
                        .putAdditionalProperty("a", JsonValue.from("1"))
                        .putAdditionalProperty("b", JsonValue.from("2"))
                        .build())
                .build());

    Answer merged =
        stage
            .api()
            .post("/v1/agents/" + agent.id(), "{\"metadata\":{\"a\":null,\"c\":\"\",\"b\":\"3\"}}");

    assertEquals(Api.json("{\"b\":\"3\",\"c\":\"\"}"), merged.body().path("metadata"));
  }

  @Test
  void effort_stays_with_the_model_and_is_reset_with_another() throws Exception {
    BetaManagedAgentsAgent agent =
        agents.create(
            Stage.agent("effort")
                .model(
                    BetaManagedAgentsModelConfigParams.builder()
                        .id(Stage.MODEL)
                        .effort(
                            BetaManagedAgentsModelConfigParams.Effort.BetaManagedAgentsEffortLevel
                                .LOW)
                        .build())
                .build());

    Answer same =
        stage
            .api()
            .post("/v1/agents/" + agent.id(), "{\"model\":{\"id\":\"" + Stage.MODEL + "\"}}");
    Answer other = stage.api().post("/v1/agents/" + agent.id(), "{\"model\":\"claude-haiku-5-5\"}");

    assertEquals("low", same.body().at("/model/effort/type").asText());
    assertEquals(1, same.body().path("version").asInt());
    assertEquals("claude-haiku-5-5", other.body().at("/model/id").asText());
    assertTrue(other.body().at("/model/effort/type").isTextual(), other.text());
  }

  @Test
  void an_archived_agent_is_read_only_and_starts_no_session() {
    BetaManagedAgentsAgent agent = agents.create(Stage.agent("archive").build());

    BetaManagedAgentsAgent archived = agents.archive(agent.id()).validate();

    assertTrue(archived.archivedAt().isPresent());
    assertEquals(archived, agents.archive(agent.id()));
    assertEquals(archived, agents.retrieve(agent.id()));
    assertThrows(
        BadRequestException.class, () -> agents.update(update(agent).system("late").build()));
    assertThrows(
        BadRequestException.class,
        () ->
            stage
                .sdk()
                .beta()
                .sessions()
                .create(
                    SessionCreateParams.builder()
                        .agent(agent.id())
                        .environmentId(stage.environmentId())
                        .build()));
  }

  @Test
  void the_list_shows_the_newest_version_of_each_and_hides_archived_ones_unless_asked() {
    BetaManagedAgentsAgent kept = agents.create(Stage.agent("kept").build());
    BetaManagedAgentsAgent updated = agents.update(update(kept).system("v2").build());
    BetaManagedAgentsAgent gone = agents.create(Stage.agent("gone").build());
    agents.archive(gone.id());

    List<BetaManagedAgentsAgent> usual = all(AgentListParams.builder().limit(100).build());
    List<BetaManagedAgentsAgent> withArchived =
        all(AgentListParams.builder().limit(100).includeArchived(true).build());

    assertTrue(usual.contains(updated));
    assertFalse(usual.stream().anyMatch(agent -> agent.id().equals(gone.id())));
    assertTrue(withArchived.stream().anyMatch(agent -> agent.id().equals(gone.id())));
  }

  @Test
  void agents_are_paged_newest_first_without_gap_or_double() {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.addFirst(agents.create(Stage.agent("page").build()).id());
    }

    List<String> paged =
        all(AgentListParams.builder().limit(2).build()).stream()
            .map(BetaManagedAgentsAgent::id)
            .toList();

    assertEquals(made, paged.subList(0, 5));
    assertEquals(paged.size(), paged.stream().distinct().count());
  }

  @Test
  void versions_are_paged() {
    BetaManagedAgentsAgent agent = agents.create(Stage.agent("many").build());
    for (int i = 2; i <= 5; i++) {
      agents.update(update(agent).system("v" + i).build());
    }

    List<Integer> versions = new ArrayList<>();
    agents
        .versions()
        .list(VersionListParams.builder().agentId(agent.id()).limit(2).build())
        .autoPager()
        .forEach(version -> versions.add(version.version()));

    assertEquals(List.of(5, 4, 3, 2, 1), versions);
  }

  @Test
  void an_unknown_agent_or_version_is_not_found() {
    String id = agents.create(Stage.agent("one version").build()).id();

    assertThrows(NotFoundException.class, () -> agents.retrieve("agent_01unknown"));
    assertThrows(NotFoundException.class, () -> retrieveVersion(id, 2));
    assertThrows(NotFoundException.class, () -> agents.archive("agent_01unknown"));
  }

  private List<BetaManagedAgentsAgent> all(AgentListParams params) {
    List<BetaManagedAgentsAgent> all = new ArrayList<>();
    agents.list(params).autoPager().forEach(all::add);
    return all;
  }

  private BetaManagedAgentsAgent retrieveVersion(String id, int version) {
    return agents.retrieve(AgentRetrieveParams.builder().agentId(id).version(version).build());
  }

  private static AgentUpdateParams.Builder update(BetaManagedAgentsAgent agent) {
    return AgentUpdateParams.builder().agentId(agent.id());
  }

  private static AgentCreateParams.Metadata metadata(String key, String value) {
    return AgentCreateParams.Metadata.builder()
        .additionalProperties(Map.of(key, JsonValue.from(value)))
        .build();
  }

  private static JsonNode config(JsonNode tool, String name) {
    for (JsonNode config : tool.path("configs")) {
      if (config.path("name").asText().equals(name)) {
        return config;
      }
    }
    throw new AssertionError("no config of " + name + " in " + tool);
  }
}
