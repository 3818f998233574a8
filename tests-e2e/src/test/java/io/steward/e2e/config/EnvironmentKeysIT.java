package io.steward.e2e.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Api;
import io.steward.e2e.stage.KafkaRecords;
import io.steward.e2e.stage.Leaks;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Keys of self-hosted environments. The hosted API has none of these routes, so no SDK has them.
@ExtendWith(StageExtension.class)
class EnvironmentKeysIT {
  /// Where it stands, a key stands.
  private static final String BEGINNING = "sk-ant-env01-";

  private static final int KEYS_MAX = 100;
  private static final Duration PAGE_MAX = Duration.ofSeconds(30);

  private final Stage stage;
  private final Api api;

  EnvironmentKeysIT(Stage stage) {
    this.stage = stage;
    this.api = stage.api();
    stage.plant(BEGINNING);
  }

  private String environment(String type) throws Exception {
    Answer created =
        api.post(
            "/v1/environments",
            "{\"name\":\"keys %s\",\"config\":{\"type\":\"%s\"}}"
                .formatted(UUID.randomUUID(), type));
    assertEquals(200, created.status(), created.text());
    return created.id();
  }

  private static String keys(String environment) {
    return "/v1/environments/" + environment + "/keys";
  }

  private Answer create(String environment) throws Exception {
    Answer created = api.post(keys(environment));
    assertEquals(200, created.status(), created.text());
    return created;
  }

  private List<String> listed(String environment) throws Exception {
    List<String> ids = new ArrayList<>();
    api.list(keys(environment) + "?limit=2", PAGE_MAX)
        .forEach(key -> ids.add(key.path("id").asText()));
    return ids;
  }

  /// The newest record under this key of the topic, which has one: its JSON, or the missing node
  /// for a tombstone.
  private JsonNode published(String recordKey) {
    @Nullable JsonNode newest = null;
    for (ConsumerRecord<byte[], byte[]> record :
        KafkaRecords.read(stage.steward(), Set.of("environments"))) {
      if (new String(record.key(), StandardCharsets.UTF_8).equals(recordKey)) {
        byte @Nullable [] value = record.value();
        newest =
            value == null
                ? MissingNode.getInstance()
                : Api.json(new String(value, StandardCharsets.UTF_8));
      }
    }
    return Objects.requireNonNull(newest, recordKey);
  }

  private static void assertRefused(int status, String named, Answer answer) {
    assertEquals(status, answer.status(), answer.text());
    assertTrue(answer.errorMessage().contains(named), answer.text());
  }

  @Test
  void a_key_is_shown_once_and_others_know_its_hash_when_it_is() throws Exception {
    String lab = environment("self_hosted");

    Answer created = create(lab);

    JsonNode record = published(lab + "/" + created.id());
    String key = created.body().path("key").asText();
    assertEquals("[id, type, key, created_at]", fields(created.body()));
    assertTrue(created.id().startsWith("envkey_"), created.text());
    assertEquals("environment_key", created.body().path("type").asText());
    assertTrue(key.matches(BEGINNING + "[A-Za-z0-9_-]{43}"), created.text());
    assertEquals(
        HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8))),
        record.path("sha256").asText());
    assertEquals(lab, record.path("environment_id").asText());
    assertEquals(created.body().path("created_at"), record.path("created_at"));
  }

  @Test
  void keys_are_listed_newest_first_without_themselves() throws Exception {
    String lab = environment("self_hosted");
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.addFirst(create(lab).id());
    }

    JsonNode entry = api.get(keys(lab)).body().at("/data/0");

    assertEquals(made, listed(lab));
    assertEquals("[id, type, created_at]", fields(entry));
    assertEquals("environment_key", entry.path("type").asText());
    assertEquals(List.of(), listed(environment("self_hosted")));
  }

  @Test
  void a_key_is_revoked_when_the_delete_is_answered() throws Exception {
    String lab = environment("self_hosted");
    String id = create(lab).id();
    String other = create(lab).id();

    Answer deleted = api.delete(keys(lab) + "/" + id);

    assertEquals(
        "{\"id\":\"%s\",\"type\":\"environment_key_deleted\"}".formatted(id), deleted.text());
    assertTrue(published(lab + "/" + id).isMissingNode());
    assertFalse(published(lab + "/" + other).isMissingNode());
    assertEquals(List.of(other), listed(lab));
    assertRefused(404, id, api.delete(keys(lab) + "/" + id));
  }

  @Test
  void an_archived_environment_keeps_its_keys_and_gets_no_new_ones() throws Exception {
    String lab = environment("self_hosted");
    String id = create(lab).id();
    String other = create(lab).id();
    api.post("/v1/environments/" + lab + "/archive");

    Answer refused = api.post(keys(lab));
    Answer deleted = api.delete(keys(lab) + "/" + other);

    assertRefused(400, "archived", refused);
    assertEquals("environment_archived", refused.errorCode());
    assertEquals(200, deleted.status(), deleted.text());
    assertEquals(List.of(id), listed(lab));
    assertFalse(published(lab + "/" + id).isMissingNode());
  }

  @Test
  void a_deleted_environment_takes_its_keys_with_it() throws Exception {
    String lab = environment("self_hosted");
    List<String> ids = List.of(create(lab).id(), create(lab).id());

    Answer deleted = api.delete("/v1/environments/" + lab);

    assertEquals(200, deleted.status(), deleted.text());
    assertTrue(published(lab).isMissingNode());
    ids.forEach(id -> assertTrue(published(lab + "/" + id).isMissingNode(), id));
    assertRefused(404, lab, api.get(keys(lab)));
    assertRefused(404, lab, api.post(keys(lab)));
  }

  @Test
  void a_cloud_environment_has_no_keys() throws Exception {
    String cloud = environment("cloud");

    Answer refused = api.post(keys(cloud));

    assertRefused(400, "self_hosted", refused);
    assertEquals(List.of(), listed(cloud));
  }

  @Test
  void a_key_belongs_to_its_environment_alone() throws Exception {
    String lab = environment("self_hosted");
    String id = create(lab).id();
    String other = environment("self_hosted");
    create(other);
    create(lab);
    String page = api.get(keys(lab) + "?limit=1").body().path("next_page").asText();

    assertRefused(404, id, api.delete(keys(other) + "/" + id));
    assertRefused(400, "page", api.get(keys(other) + "?page=" + page));
    assertTrue(listed(lab).contains(id));
  }

  @Test
  void there_is_a_limit_that_requests_at_the_same_moment_cannot_pass() throws Exception {
    String lab = environment("self_hosted");
    for (int i = 0; i < KEYS_MAX - 1; i++) {
      create(lab);
    }
    List<Future<Answer>> last = new ArrayList<>();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 4; i++) {
        last.add(clients.submit(() -> api.post(keys(lab))));
      }
    }

    List<Integer> statuses = new ArrayList<>();
    for (Future<Answer> answer : last) {
      statuses.add(answer.get().status());
    }
    assertEquals(List.of(200, 400, 400, 400), statuses.stream().sorted().toList());
    assertEquals(KEYS_MAX, listed(lab).size());
    assertRefused(400, "100", api.post(keys(lab)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"name\":\"of no meaning here\"}"})
  void a_body_may_be_there_and_says_nothing(String body) throws Exception {
    Answer created = api.post(keys(environment("self_hosted")), body);

    assertEquals(200, created.status(), created.text());
  }

  /// What an environment's key opens instead is tried where workers are.
  @ParameterizedTest
  @ValueSource(strings = {"/v1/agents", "/v1/environments", "/v1/environments/{lab}", "/v1/models"})
  void a_key_opens_nothing_that_only_the_api_key_does(String path) throws Exception {
    String lab = environment("self_hosted");
    String key = create(lab).body().path("key").asText();
    String filled = path.replace("{lab}", lab);

    for (String closed : List.of(filled, keys(lab), "/v1/vaults")) {
      Answer asBearer =
          api.send(api.anonymous(closed).header("authorization", "Bearer " + key).GET());
      Answer asApiKey = api.send(api.anonymous(closed).header("x-api-key", key).GET());

      assertEquals(401, asBearer.status(), closed);
      assertEquals(401, asApiKey.status(), closed);
      assertEquals("authentication_error", asBearer.errorType());
    }
    assertEquals(401, api.send(api.anonymous(keys(lab)).GET()).status());
  }

  /// Files, the database's among them, are searched at the end of the run for every planted secret.
  @Test
  void no_topic_and_no_log_holds_a_key() throws Exception {
    String lab = environment("self_hosted");
    String id = create(lab).id();
    api.get(keys(lab));
    api.delete(keys(lab) + "/" + id);
    Leaks leaks = new Leaks(Set.of(BEGINNING));

    Leaks.Found found =
        leaks.inTopics(stage.steward(), new TreeSet<>(KafkaRecords.topics(stage.steward())));

    assertEquals(List.of(), found.leaks());
    for (Path log : stage.steward().logFiles()) {
      assertFalse(leaks.in(Files.readAllBytes(log)), log::toString);
    }
  }

  private static String fields(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names.toString();
  }
}
