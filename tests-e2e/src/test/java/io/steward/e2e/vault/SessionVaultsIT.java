package io.steward.e2e.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.errors.BadRequestException;
import com.anthropic.errors.NotFoundException;
import com.anthropic.models.beta.sessions.BetaManagedAgentsSession;
import com.anthropic.models.beta.sessions.SessionCreateParams;
import com.anthropic.models.beta.vaults.VaultCreateParams;
import com.anthropic.services.blocking.beta.SessionService;
import com.anthropic.services.blocking.beta.VaultService;
import com.fasterxml.jackson.databind.JsonNode;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.KafkaRecords;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Sessions that name vaults.
@ExtendWith(StageExtension.class)
class SessionVaultsIT {
  private final Stage stage;
  private final SessionService sessions;
  private final VaultService vaults;

  SessionVaultsIT(Stage stage) {
    this.stage = stage;
    this.sessions = stage.sdk().beta().sessions();
    this.vaults = stage.sdk().beta().vaults();
  }

  private String vault() {
    return vaults.create(VaultCreateParams.builder().displayName("of a session").build()).id();
  }

  private SessionCreateParams with(String... vaultIds) {
    return SessionCreateParams.builder()
        .agent(stage.plainAgentId())
        .environmentId(stage.environmentId())
        .vaultIds(List.of(vaultIds))
        .build();
  }

  private Answer post(String vaultIds) throws Exception {
    return stage
        .api()
        .post(
            "/v1/sessions",
            "{\"agent\":\"%s\",\"environment_id\":\"%s\",\"vault_ids\":[%s]}"
                .formatted(stage.plainAgentId(), stage.environmentId(), vaultIds));
  }

  @Test
  void a_vault_of_the_same_millisecond_can_be_given_to_a_session() {
    for (int i = 0; i < 50; i++) {
      String vault = vault();

      BetaManagedAgentsSession session = sessions.create(with(vault)).validate();

      assertEquals(List.of(vault), session.vaultIds());
      assertEquals(List.of(vault), sessions.retrieve(session.id()).validate().vaultIds());
    }
  }

  @Test
  void a_session_shows_its_vaults_in_their_order_wherever_it_is_shown() throws Exception {
    String first = vault();
    String second = vault();

    String id = sessions.create(with(second, first)).id();

    assertEquals(List.of(second, first), sessions.retrieve(id).vaultIds());
    JsonNode listed =
        StreamSupport.stream(
                stage.api().get("/v1/sessions?limit=100").body().path("data").spliterator(), false)
            .filter(session -> session.path("id").asText().equals(id))
            .findFirst()
            .orElseThrow();
    assertEquals("[\"" + second + "\",\"" + first + "\"]", listed.path("vault_ids").toString());
  }

  @Test
  void an_archived_vault_is_refused_and_sessions_that_have_it_go_on() throws Exception {
    String kept = vault();
    String archived = vault();
    Script script = Script.of(Reply.text("still here"));
    SessionCreateParams.Builder params =
        SessionCreateParams.builder().agent(stage.plainAgentId()).vaultIds(List.of(archived));
    try (OpenSession session = stage.session(params, script)) {
      vaults.archive(archived);

      assertThrows(BadRequestException.class, () -> sessions.create(with(kept, archived)));
      Answer refused = post("\"" + kept + "\",\"" + archived + "\"");
      session.turn("Are you there?");

      assertEquals(400, refused.status(), refused::toString);
      assertTrue(
          refused.errorMessage().startsWith("`vault_ids[1]` is \"" + archived + "\", but"),
          refused::toString);
      assertEquals("still here", OpenSession.text(session.listed("agent.message").getFirst()));
      assertEquals(List.of(archived), sessions.retrieve(session.id()).vaultIds());
    }
  }

  @Test
  void a_vault_that_is_not_there_is_404() throws Exception {
    String deleted = vault();
    vaults.delete(deleted);

    assertThrows(NotFoundException.class, () -> sessions.create(with(deleted)));
    Answer unknown = post("\"vlt_01none\"");

    assertEquals(404, unknown.status(), unknown::toString);
    assertEquals("not_found_error", unknown.errorType());
    assertEquals(
        "`vault_ids[0]` is \"vlt_01none\", but there is no such vault.", unknown.errorMessage());
  }

  @Test
  void more_vaults_than_the_limit_are_refused() throws Exception {
    String ids =
        IntStream.rangeClosed(0, 100)
            .mapToObj(i -> "\"vlt_" + i + "\"")
            .collect(Collectors.joining(","));

    Answer refused = post(ids);

    assertEquals(400, refused.status(), refused::toString);
    assertTrue(refused.errorMessage().contains("`vault_ids` has 101 entries"), refused::toString);
  }

  /// What session-log needs to know is all there is on the topic.
  @Test
  void the_topic_of_vaults_says_that_they_are_there_and_no_more() {
    String vault = vault();
    vaults.archive(vault);
    vaults.delete(vault);
    String kept = vault();

    List<ConsumerRecord<byte[], byte[]>> records =
        KafkaRecords.read(stage.steward(), List.of("vaults"));

    assertNull(of(records, vault).getLast().value());
    String head = new String(of(records, kept).getLast().value(), StandardCharsets.UTF_8);
    assertEquals(
        "{\"id\":\""
            + kept
            + "\",\"workspace_id\":\"wrkspc_default\",\"archived_at\":null,"
            + "\"variables\":{\"salt\":\"(random)\",\"names\":[]}}",
        head.replaceFirst("[0-9a-f]{64}", "(random)"));
  }

  private static List<ConsumerRecord<byte[], byte[]>> of(
      List<ConsumerRecord<byte[], byte[]>> records, String vaultId) {
    return records.stream()
        .filter(record -> new String(record.key(), StandardCharsets.UTF_8).equals(vaultId))
        .toList();
  }
}
