package io.steward.agentconfig;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.agentconfig.stage.RunningService;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Topics;
import io.steward.stage.Broker;
import io.steward.stage.Relay;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What clients see while PostgreSQL or Kafka is gone or hangs, and afterwards.
@Timeout(300)
class DependenciesAwayIT {
  private static final int AT_ONCE = 24;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Map<String, String> SHORT_WAITS =
      Map.of(
          "STEWARD_DATABASE_TIMEOUT", "2s",
          "STEWARD_PUBLISH_TIMEOUT", "2s",
          "STEWARD_SESSIONS_TIMEOUT", "2s");

  @TempDir static Path directory;
  private static EmbeddedPostgres postgres;
  private static Broker broker;
  private static Relay toPostgres;
  private static Relay toKafka;

  @BeforeAll
  static void start() throws Exception {
    postgres = EmbeddedPostgres.start();
    toPostgres = Relay.start(Broker.freePort(), postgres.getPort());
    int port = Broker.freePort();
    toKafka = Relay.start(Broker.freePort(), port);
    broker =
        Broker.start(Files.createDirectories(directory.resolve("kafka")), 2, port, toKafka.port());
  }

  @AfterAll
  static void stop() throws Exception {
    broker.close();
    toKafka.close();
    toPostgres.close();
    postgres.close();
  }

  private static RunningService service(Map<String, String> settings) throws Exception {
    return RunningService.start(toPostgres.port(), toKafka.port(), directory, settings);
  }

  private static JsonNode json(HttpResponse<String> response) {
    return Json.tree(response.body().getBytes(StandardCharsets.UTF_8));
  }

  private static void assertUnavailable(HttpResponse<String> response) {
    assertEquals(503, response.statusCode(), response.body());
    assertEquals("1", response.headers().firstValue("retry-after").orElse("none"));
    assertEquals("api_error", json(response).at("/error/type").textValue());
  }

  private static Set<Integer> statuses(List<HttpResponse<String>> responses) {
    return responses.stream().map(HttpResponse::statusCode).collect(Collectors.toSet());
  }

  private static List<HttpResponse<String>> requestsOfAllKinds(RunningService service, String id) {
    List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
    for (int i = 0; i < AT_ONCE / 4; i++) {
      sent.add(service.send("GET", "/v1/environments", null));
      sent.add(service.send("GET", "/v1/environments/" + id, null));
      sent.add(service.send("POST", "/v1/environments/" + id, "{\"description\":\"d" + i + "\"}"));
      sent.add(service.send("DELETE", "/v1/environments/" + id, null));
    }
    return RunningService.all(sent);
  }

  /// Some environments, as soon as all of them can be made at once.
  private static void awaitGoingOn(RunningService service, String name) throws Exception {
    long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
    Set<Integer> statuses = Set.of();
    for (int round = 0; !statuses.equals(Set.of(200)); round++) {
      assertTrue(System.nanoTime() - giveUpNanos < 0, "still " + statuses);
      statuses = statuses(service.createEnvironments(name + " " + round, AT_ONCE));
    }
  }

  private static String environment(RunningService service, String name) throws Exception {
    HttpResponse<String> created = service.createEnvironments(name, 1).getFirst();
    assertEquals(200, created.statusCode(), created.body());
    return json(created).path("id").textValue();
  }

  @Test
  void many_deletions_at_once_are_all_done() throws Exception {
    try (RunningService service = service(Map.of())) {
      for (int round = 0; round < 3; round++) {
        List<HttpResponse<String>> created = service.createEnvironments("to go " + round, AT_ONCE);
        List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
        for (HttpResponse<String> response : created) {
          String id = json(response).path("id").textValue();
          sent.add(service.send("DELETE", "/v1/environments/" + id, null));
        }

        assertEquals(Set.of(200), statuses(RunningService.all(sent)));
      }
    }
  }

  @Test
  void without_postgres_every_request_gets_a_503_and_all_goes_on_by_itself() throws Exception {
    try (RunningService service = service(SHORT_WAITS)) {
      String id = environment(service, "before");
      toPostgres.hold();
      List<HttpResponse<String>> hung = requestsOfAllKinds(service, id);
      toPostgres.restore();
      awaitGoingOn(service, "after a hang");
      toPostgres.refuse();
      List<HttpResponse<String>> refused = requestsOfAllKinds(service, id);
      double counted = service.metric("steward_agent_config_refused_requests_total");
      toPostgres.restore();
      awaitGoingOn(service, "after a loss");
      service.awaitReady();

      hung.forEach(DependenciesAwayIT::assertUnavailable);
      refused.forEach(DependenciesAwayIT::assertUnavailable);
      assertTrue(counted >= hung.size() + refused.size(), "counted " + counted);
    }
  }

  @Test
  void without_kafka_changes_get_a_503_and_are_published_afterwards() throws Exception {
    Set<String> stored = new TreeSet<>();
    try (RunningService service = service(SHORT_WAITS)) {
      String id = environment(service, "with Kafka");
      toKafka.hold();
      List<HttpResponse<String>> hung = service.createEnvironments("hung", 3);
      assertUnavailable(service.send("DELETE", "/v1/environments/" + id, null).get());
      HttpResponse<String> read = service.send("GET", "/v1/environments/" + id, null).get();
      awaitUnpublished(service, hung.size());
      toKafka.refuse();
      List<HttpResponse<String>> refused = service.createEnvironments("refused", 3);
      for (JsonNode entry :
          json(service.send("GET", "/v1/environments?limit=100", null).get()).path("data")) {
        stored.add(entry.path("id").textValue());
      }
      toKafka.restore();

      hung.forEach(DependenciesAwayIT::assertUnavailable);
      refused.forEach(DependenciesAwayIT::assertUnavailable);
      assertEquals(200, read.statusCode());
      assertTrue(stored.size() >= 7, "stored: " + stored.size());
      awaitGoingOn(service, "after Kafka came back");
      awaitUnpublished(service, 0);
    }
    assertTrue(published().keySet().containsAll(stored));
  }

  /// Who revokes a key and is told to try again must not read that there is none while it still
  /// opens something.
  @Test
  void a_revocation_that_is_tried_again_is_not_answered_before_it_is_on_kafka() throws Exception {
    try (RunningService service = service(SHORT_WAITS)) {
      String lab = "{\"name\":\"revoked\",\"config\":{\"type\":\"self_hosted\"}}";
      HttpResponse<String> created = service.send("POST", "/v1/environments", lab).get();
      String environment = json(created).path("id").textValue();
      String keys = "/v1/environments/" + environment + "/keys";
      String id = json(service.send("POST", keys, null).get()).path("id").textValue();
      toKafka.refuse();
      HttpResponse<String> first = service.send("DELETE", keys + "/" + id, null).get();
      HttpResponse<String> second = service.send("DELETE", keys + "/" + id, null).get();
      HttpResponse<String> left = service.send("GET", keys, null).get();
      toKafka.restore();
      HttpResponse<String> last = second;
      long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
      while (last.statusCode() == 503 && System.nanoTime() < giveUpNanos) {
        last = service.send("DELETE", keys + "/" + id, null).get();
      }
      Map<String, Boolean> afterwards = published();

      assertUnavailable(first);
      assertUnavailable(second);
      assertEquals("[]", json(left).path("data").toString());
      assertTrue(Set.of(200, 404).contains(last.statusCode()), last.body());
      assertEquals(false, afterwards.get(environment + "/" + id));
    }
  }

  /// All keys on the topic, and whether their newest record is more than a tombstone.
  private static Map<String, Boolean> published() {
    Map<String, Boolean> keys = new TreeMap<>();
    TopicPartition partition = new TopicPartition(Topics.ENVIRONMENTS, 0);
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.address()),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          keys.put(record.key(), record.value() != null);
        }
      }
    }
    return keys;
  }

  @Test
  void a_request_that_runs_is_answered_before_the_service_ends() throws Exception {
    try (RunningService service = service(Map.of("STEWARD_PUBLISH_TIMEOUT", "4s"))) {
      environment(service, "before the end");
      toKafka.hold();
      CompletableFuture<HttpResponse<String>> running =
          service.send(
              "POST",
              "/v1/environments",
              "{\"name\":\"at the end\",\"config\":{\"type\":\"cloud\"}}");
      awaitUnpublished(service, 1);
      service.terminate();
      HttpResponse<String> answer = running.get();
      boolean ended = service.hasEnded();
      toKafka.restore();

      assertUnavailable(answer);
      assertTrue(ended);
    }
  }

  private static void awaitUnpublished(RunningService service, int count) throws Exception {
    long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
    double unpublished = -1;
    while (unpublished != count) {
      assertTrue(System.nanoTime() - giveUpNanos < 0, "still " + unpublished);
      unpublished = service.metric("steward_agent_config_outbox_unpublished");
    }
  }
}
