package io.steward.vaultproxy.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.agent.EnvironmentConfig.Unrestricted;
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
import io.steward.schemas.sandbox.SandboxEvent.Type;
import io.steward.schemas.sandbox.SandboxNetwork;
import io.steward.schemas.sandbox.SandboxOutput;
import io.steward.schemas.trace.Tracing;
import io.steward.schemas.vault.Placeholders;
import io.steward.stage.Broker;
import io.steward.stage.Relay;
import io.steward.vaultproxy.admission.Admissions;
import io.steward.vaultproxy.admission.ProxyLimits;
import io.steward.vaultproxy.admission.RunningSandboxes;
import io.steward.vaultproxy.egress.AddressPolicy;
import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.policy.NetworkPolicy;
import io.steward.vaultproxy.policy.PackageRegistries;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.proxy.EgressProxy;
import io.steward.vaultproxy.proxy.ProxyObserver;
import io.steward.vaultproxy.session.VaultSecrets;
import io.steward.vaultproxy.stage.SandboxRelay;
import io.steward.vaultproxy.stage.TokenStage;
import io.steward.vaultproxy.stage.WebSite;
import io.steward.vaultproxy.store.PostgresVariables;
import io.steward.vaultproxy.vault.Vault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Sandboxes that are announced on a real broker, which may be away, and the whole way out of one:
/// announced, named by the header of its connection, and given a secret of a real vault.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
class SandboxTailTest {
  private static final int PARTITIONS = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path directory;
  private final Relay toKafka;
  private final Broker broker;
  private final RecordFormat format;
  private final RecordSender sender;

  SandboxTailTest(@TempDir Path directory) throws Exception {
    this.directory = directory;
    int port = Broker.freePort();
    toKafka = Relay.start(Broker.freePort(), port);
    broker =
        Broker.start(
            Files.createDirectories(directory.resolve("kafka")), PARTITIONS, port, toKafka.port());
    format = new RecordFormat(new DirectoryBlobStore(directory.resolve("blobs")));
    sender = KafkaOutbox.sender(broker.address());
  }

  @AfterAll
  void stop() throws Exception {
    sender.close();
    broker.close();
    toKafka.close();
  }

  private void send(SessionId session, String type, byte[] json) {
    sender.send(
        format.encode(
            Topics.SANDBOX_EVENTS,
            session.partition(),
            session.value(),
            Envelope.of(Ids.random("rec_"), type, "/test", session.value(), Instant.now()),
            json));
  }

  private void send(
      Type type, SessionId session, String incarnation, @Nullable SandboxAccess access) {
    SandboxEvent event =
        new SandboxEvent(type, session, incarnation, "bubblewrap", Instant.now(), null, access);
    send(session, type.wireName(), Json.bytes(event));
  }

  private static SandboxAccess access(String token, String... vaultIds) {
    return new SandboxAccess(
        HexFormat.of().formatHex(Admissions.sha256(token)),
        "wrkspc_default",
        new Unrestricted(),
        new SandboxNetwork(List.of(), List.of(vaultIds), List.of()));
  }

  /// What an instance of the service knows.
  private record Instance(RunningSandboxes sandboxes, SandboxTail tail, List<String> ended)
      implements AutoCloseable {
    Optional<String> find(String token) {
      return sandboxes.find(Admissions.sha256(token)).map(known -> known.sandboxId());
    }

    @Override
    public void close() {
      tail.close();
    }
  }

  private Instance start() {
    RunningSandboxes sandboxes = new RunningSandboxes();
    List<String> ended = new CopyOnWriteArrayList<>();
    SandboxTail tail =
        new SandboxTail(
            broker.address(),
            format,
            sandboxes,
            sha256 -> ended.add(HexFormat.of().formatHex(sha256)));
    tail.start();
    return new Instance(sandboxes, tail, ended);
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - giveUpNanos < 0, "it did not happen");
      Thread.sleep(10);
    }
  }

  @Test
  void every_instance_knows_every_sandbox_from_the_beginning_of_the_topic_on() throws Exception {
    SessionId first = SessionId.random(0);
    SessionId last = SessionId.random(PARTITIONS - 1);
    send(Type.STARTED, first, "sbx_1", access("token-1"));
    send(first, SandboxOutput.TYPE, "{}".getBytes(StandardCharsets.UTF_8));
    send(Type.STARTED, last, "sbx_2", access("token-2"));
    send(Type.STARTED, last, "sbx_3", access("token-3"));
    try (Instance one = start();
        Instance two = start()) {
      await(() -> one.tail().isCaughtUp() && two.tail().isCaughtUp());
      for (Instance instance : List.of(one, two)) {
        assertEquals(Optional.of("sbx_1"), instance.find("token-1"));
        assertEquals(Optional.empty(), instance.find("token-2"));
        assertEquals(Optional.of("sbx_3"), instance.find("token-3"));
        assertEquals(0, instance.tail().ignored());
        assertEquals(List.of(access("token-2").tokenSha256()), instance.ended());
      }
      send(Type.STOPPED, first, "sbx_1", null);
      await(() -> one.find("token-1").isEmpty() && two.find("token-1").isEmpty());
      assertEquals(access("token-1").tokenSha256(), one.ended().getLast());
    }
  }

  @Test
  void a_record_nobody_can_read_holds_up_none_behind_it() throws Exception {
    SessionId session = SessionId.random(1);
    try (Instance instance = start()) {
      await(() -> instance.tail().isCaughtUp());
      long before = instance.tail().ignored();
      List<String> broken =
          new ArrayList<>(List.of("no json", "{}", "{\"type\":\"sandbox.other\"}"));
      String started =
          "{\"type\":\"sandbox.started\",\"session_id\":\""
              + session.value()
              + "\",\"incarnation\":\"sbx_4\",\"driver\":\"bubblewrap\","
              + "\"at\":\"2026-01-02T03:04:05Z\",\"access\":";
      broken.add(started + "{\"token_sha256\":\"ABC\"}}");
      broken.add(started + "{\"network\":{}}}");
      for (String json : broken) {
        send(session, Type.STARTED.wireName(), json.getBytes(StandardCharsets.UTF_8));
      }
      send(Type.ACCESS_CHANGED, session, "sbx_4", null);
      send(Type.STARTED, session, "sbx_5", access("token-5"));
      await(() -> instance.find("token-5").isPresent());

      assertEquals(before + broken.size() + 1, instance.tail().ignored());
    }
  }

  @Test
  void while_kafka_is_away_what_is_known_stays_and_the_rest_comes_by_itself() throws Exception {
    SessionId session = SessionId.random(2);
    send(Type.STARTED, session, "sbx_6", access("token-6"));
    try (Instance known = start()) {
      await(() -> known.tail().isCaughtUp());
      toKafka.refuse();
      try (Instance late = start()) {
        assertEquals(Optional.of("sbx_6"), known.find("token-6"));
        assertTrue(known.tail().isCaughtUp());
        assertFalse(late.tail().isCaughtUp());
        toKafka.restore();
        await(() -> late.tail().isCaughtUp());
        assertEquals(Optional.of("sbx_6"), late.find("token-6"));
        send(Type.STARTED, session, "sbx_7", access("token-7"));
        await(() -> known.find("token-7").isPresent());
      }
    }
  }

  @Test
  void a_sandbox_that_was_announced_sends_its_secret_where_it_may() throws Exception {
    SessionId session = SessionId.random(3);
    String token = "0123456789abcdef".repeat(4);
    try (TokenStage vaults = new TokenStage(directory);
        WebSite site = WebSite.start();
        Instance instance = start();
        EgressProxy proxy = proxy(instance, vaults, site.port())) {
      site.page("/a", "text/plain", "there");
      Vault vault = vaults.vault();
      var _ =
          vaults.credential(
              vault,
              "{'type':'environment_variable','secret_name':'KEY','secret_value':'canary-42',"
                  + "'networking':{'type':'limited','allowed_hosts':['site.example']}}");
      String placeholder =
          Placeholders.of(
              vaults
                  .database()
                  .ask(
                      "SELECT placeholder_salt FROM vault_proxy.vaults WHERE id = '"
                          + vault.id()
                          + "'"),
              session,
              "KEY");
      await(() -> instance.tail().isCaughtUp());

      send(Type.STARTED, session, "sbx_8", access(token, vault.id()));
      await(() -> instance.find(token).isPresent());
      String answer =
          SandboxRelay.ask(
              proxy.address(), token, "http://site.example:" + site.port() + "/a", placeholder);
      assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
      assertEquals(List.of("canary-42"), site.visits().getLast().headers().get("X-key"));
      answer =
          SandboxRelay.ask(
              proxy.address(), token, "http://other.example:" + site.port() + "/a", placeholder);
      assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
      assertEquals(List.of(placeholder), site.visits().getLast().headers().get("X-key"));
    }
  }

  private static EgressProxy proxy(Instance instance, TokenStage vaults, int port)
      throws IOException {
    return EgressProxy.start(
        new InetSocketAddress("127.0.0.1", 0),
        new EgressProxy.Parts(
            instance.sandboxes(),
            new VaultSecrets(
                new PostgresVariables(new Transactions(vaults.database().source()), vaults.keys()),
                () -> true),
            null,
            new NetworkPolicy(new PackageRegistries(List.of()), Set.of(port)),
            new CheckedAddresses(
                _ -> List.of(InetAddress.ofLiteral("127.0.0.1")), AddressPolicy.parse("127.0.0.1")),
            null,
            ProxyObserver.all(List.of()),
            InstantSource.system(),
            true,
            null,
            Tracing.off()),
        ProxyLimits.usual());
  }
}
