package io.steward.vaultproxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.agent.EnvironmentConfig.Limited;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.RecordSender;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.sandbox.SandboxAccess;
import io.steward.schemas.sandbox.SandboxEvent;
import io.steward.schemas.sandbox.SandboxNetwork;
import io.steward.schemas.vault.Placeholders;
import io.steward.schemas.vault.SandboxAuthority;
import io.steward.schemas.vault.VaultHead;
import io.steward.stage.Broker;
import io.steward.vaultproxy.admission.Admissions;
import io.steward.vaultproxy.stage.SandboxRelay;
import io.steward.vaultproxy.stage.Sealing;
import io.steward.vaultproxy.stage.WebSite;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The egress proxy of the packaged service, on a real broker and a real PostgreSQL.
@Timeout(180)
class EgressServiceIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final TopicPartition VAULTS = new TopicPartition(Topics.VAULTS, 0);
  private static final String TOKEN = "0123456789abcdef".repeat(4);
  private static final String CANARY = "canary-7f3a-egress";

  private final HttpClient http = HttpClient.newHttpClient();
  private final int port;
  private final InetSocketAddress proxy;
  private final Path directory;

  EgressServiceIT(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.port = Broker.freePort();
    this.proxy = new InetSocketAddress("127.0.0.1", Broker.freePort());
  }

  @Test
  void a_sandbox_that_was_announced_gets_out_with_its_secret() throws Exception {
    SessionId session = SessionId.random(1);
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
        Broker broker = Broker.start(Files.createDirectories(directory.resolve("kafka")), 2);
        WebSite site = WebSite.start()) {
      site.page("/a", "text/plain", "there");
      Process service = service(postgres.getPort(), broker.address(), site.port());
      try {
        awaitReady(service);
        String vaultId = Json.tree(post("/v1/vaults", "{'display_name':'Ada'}")).get("id").asText();
        byte[] credential =
            post(
                "/v1/vaults/" + vaultId + "/credentials",
                "{'auth':{'type':'environment_variable','secret_name':'KEY','secret_value':'"
                    + CANARY
                    + "','networking':{'type':'limited','allowed_hosts':['127.0.0.1']}}}");
        assertEquals("vault_credential", Json.tree(credential).get("type").asText());

        Map<String, byte[]> published = published(broker.address());
        SandboxAuthority authority =
            Json.read(
                Objects.requireNonNull(published.get(SandboxAuthority.RECORD_KEY)),
                SandboxAuthority.class);
        assertTrue(authority.certificatePem().startsWith("-----BEGIN CERTIFICATE-----\n"));
        VaultHead.Variables variables =
            Objects.requireNonNull(
                Json.read(Objects.requireNonNull(published.get(vaultId)), VaultHead.class)
                    .variables());
        assertEquals(List.of("KEY"), variables.names());

        announce(broker.address(), session, vaultId);
        String placeholder = Placeholders.of(variables.salt(), session, "KEY");
        String url = "http://127.0.0.1:" + site.port() + "/a";
        String answer = ask(url, placeholder);
        assertTrue(answer.startsWith("HTTP/1.1 200 ") && answer.contains("\nthere\r"), answer);
        assertEquals(List.of(CANARY), site.visits().getLast().headers().get("X-key"));
        answer = ask("http://other.example/", placeholder);
        assertTrue(answer.startsWith("HTTP/1.1 403 "), answer);

        String metrics = get("/q/metrics").body();
        assertTrue(metrics.contains("steward_vault_proxy_egress_secrets_used_total 1.0"), metrics);
        assertTrue(
            metrics.contains("steward_vault_proxy_egress_refusals_total{reason=\"host\"} 1.0"),
            metrics);
        assertTrue(metrics.contains("steward_vault_proxy_egress_sandboxes 1.0"), metrics);
      } finally {
        service.destroy();
        assertTrue(service.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
      }
      assertTrue(!Files.readString(directory.resolve("log")).contains(CANARY));
    }
  }

  /// The service as it is packaged.
  private Process service(int postgresPort, String kafka, int sitePort) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-jar",
            Path.of("target", "quarkus-app", "quarkus-run.jar").toString());
    Map<String, String> environment = builder.environment();
    environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
    environment.put("QUARKUS_HTTP_PORT", Integer.toString(port));
    environment.put("KAFKA_BOOTSTRAP_SERVERS", kafka);
    environment.put(
        "QUARKUS_DATASOURCE_JDBC_URL", "jdbc:postgresql://127.0.0.1:" + postgresPort + "/postgres");
    environment.put("QUARKUS_DATASOURCE_USERNAME", "postgres");
    environment.put("QUARKUS_DATASOURCE_PASSWORD", "postgres");
    environment.put("STEWARD_API_KEY", "k");
    environment.put("STEWARD_VAULT_KEY_FILE", Sealing.kek(directory, 1).toString());
    environment.put("STEWARD_VAULT_DIR", directory.resolve("vault").toString());
    environment.put("STEWARD_BLOB_DIR", directory.resolve("blobs").toString());
    environment.put("STEWARD_EGRESS_PROXY_HOST", "127.0.0.1");
    environment.put("STEWARD_EGRESS_PROXY_PORT", Integer.toString(proxy.getPort()));
    environment.put("STEWARD_EGRESS_ALLOWED_ADDRESSES", "127.0.0.1/32");
    environment.put("STEWARD_EGRESS_PORTS", Integer.toString(sitePort));
    return builder
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("log").toFile())
        .start();
  }

  private void awaitReady(Process service) throws Exception {
    long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
    while (!isReady()) {
      boolean given = System.nanoTime() - giveUpNanos >= 0 || !service.isAlive();
      assertTrue(!given, () -> log());
      Thread.sleep(50);
    }
  }

  private boolean isReady() throws InterruptedException {
    try {
      return get("/q/health/ready").statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private String log() {
    try {
      return Files.readString(directory.resolve("log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(request(path).build(), BodyHandlers.ofString());
  }

  /// @param body JSON with single quotes
  private byte[] post(String path, String body) throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        http.send(
            request(path)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body.replace('\'', '"')))
                .build(),
            BodyHandlers.ofByteArray());
    assertEquals(200, response.statusCode(), new String(response.body(), StandardCharsets.UTF_8));
    return response.body();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .header("x-api-key", "k");
  }

  /// The newest values on `vaults`.
  private static Map<String, byte[]> published(String kafka) {
    Map<String, byte[]> newest = new HashMap<>();
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(VAULTS));
      consumer.seekToBeginning(List.of(VAULTS));
      long end = consumer.endOffsets(List.of(VAULTS)).getOrDefault(VAULTS, 0L);
      while (consumer.position(VAULTS) < end) {
        consumer
            .poll(Duration.ofMillis(100))
            .forEach(record -> newest.put(record.key(), record.value()));
      }
    }
    return newest;
  }

  private void announce(String kafka, SessionId session, String vaultId) {
    SandboxEvent started =
        new SandboxEvent(
            SandboxEvent.Type.STARTED,
            session,
            "sbx_1",
            "bubblewrap",
            Instant.now(),
            null,
            new SandboxAccess(
                HexFormat.of().formatHex(Admissions.sha256(TOKEN)),
                "wrkspc_default",
                new Limited(List.of("127.0.0.1"), false, false),
                new SandboxNetwork(List.of(), List.of(vaultId), List.of())));
    try (RecordSender sender = new RecordSender(kafka, "test", 1024 * 1024)) {
      sender.send(
          new RecordFormat(new DirectoryBlobStore(directory.resolve("blobs")))
              .encode(
                  Topics.SANDBOX_EVENTS,
                  session.partition(),
                  session.value(),
                  Envelope.of(
                      Ids.random("rec_"),
                      started.type().wireName(),
                      "/test",
                      session.value(),
                      Instant.now()),
                  Json.bytes(started)));
    }
  }

  /// Again as long as the sandbox is not known.
  private String ask(String url, String key) throws IOException {
    long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
    String answer;
    do {
      answer = SandboxRelay.ask(proxy, TOKEN, url, key);
    } while (answer.startsWith("HTTP/1.1 407 ") && System.nanoTime() - giveUpNanos < 0);
    return answer;
  }
}
