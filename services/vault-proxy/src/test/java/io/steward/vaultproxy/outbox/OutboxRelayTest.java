package io.steward.vaultproxy.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.Ids;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.vault.VaultHead;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.seal.DataKeys;
import io.steward.vaultproxy.seal.KeyEncryptionKey;
import io.steward.vaultproxy.stage.Database;
import io.steward.vaultproxy.stage.Sealing;
import io.steward.vaultproxy.store.PostgresCredentials;
import io.steward.vaultproxy.store.PostgresVaults;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.CredentialRules;
import io.steward.vaultproxy.vault.Vault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/// Vaults, their outbox and its relay in a real PostgreSQL. How they get to Kafka is tested with
/// the topic.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class OutboxRelayTest {
  private static final Instant MADE = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Instant LATER = MADE.plusSeconds(60);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Database database;
  private final PostgresVaults vaults;
  private final PostgresCredentials credentials;

  OutboxRelayTest(@TempDir Path directory) throws IOException {
    database = Database.start();
    DataKeys keys = new DataKeys(KeyEncryptionKey.read(Sealing.kek(directory, 1)));
    vaults = new PostgresVaults(new Transactions(database.source()), keys);
    credentials = new PostgresCredentials(new Transactions(database.source()), keys);
  }

  @AfterAll
  void stop() throws IOException {
    database.close();
  }

  /// A topic that remembers what it took.
  private static final class RecordedTopic implements VaultTopic {
    private final List<OutboxRow> taken = new CopyOnWriteArrayList<>();
    private final AtomicInteger publishing = new AtomicInteger();
    private final AtomicInteger publishingMax = new AtomicInteger();
    private volatile int room = Integer.MAX_VALUE;
    private volatile Callable<?> afterFirst = () -> "";

    @Override
    public int publish(List<OutboxRow> rows) {
      publishingMax.accumulateAndGet(publishing.incrementAndGet(), Math::max);
      List<OutboxRow> now = rows.subList(0, Math.min(room, rows.size()));
      taken.addAll(now);
      Callable<?> then = afterFirst;
      afterFirst = () -> "";
      try {
        then.call();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      } finally {
        publishing.decrementAndGet();
      }
      return now.size();
    }

    List<OutboxRow> of(String vaultId) {
      return taken.stream().filter(row -> row.vaultId().equals(vaultId)).toList();
    }
  }

  private OutboxRelay relay(VaultTopic topic) {
    return relay(topic, PATIENCE);
  }

  private OutboxRelay relay(VaultTopic topic, Duration waitMax) {
    OutboxRelay relay =
        new OutboxRelay(new PostgresOutbox(new Transactions(database.source())), topic, waitMax);
    relay.start();
    return relay;
  }

  private String vault() {
    return vaults.create(new Vault(Ids.random("vlt_"), "Ada", Map.of(), MADE, MADE, null)).id();
  }

  /// The head without its variables, whose salt nobody can foresee.
  private static @Nullable VaultHead bare(@Nullable VaultHead head) {
    return head == null
        ? null
        : new VaultHead(head.id(), head.workspaceId(), head.archivedAt(), null);
  }

  private static VaultHead active(String id) {
    return new VaultHead(id, Envelope.DEFAULT_WORKSPACE, null, null);
  }

  private static VaultHead archived(String id) {
    return new VaultHead(id, Envelope.DEFAULT_WORKSPACE, LATER, null);
  }

  private String left() throws Exception {
    return database.ask("SELECT count(*) FROM vault_proxy.vault_outbox");
  }

  private static void awaitCaughtUp(OutboxRelay relay) throws InterruptedException {
    long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
    while (!relay.isCaughtUp()) {
      assertTrue(System.nanoTime() - giveUpNanos < 0, "not caught up");
      Thread.sleep(10);
    }
  }

  @Test
  void a_vault_is_published_when_it_is_made_archived_and_deleted() throws Exception {
    RecordedTopic topic = new RecordedTopic();
    try (OutboxRelay relay = relay(topic)) {
      String id = vault();
      relay.awaitPublished(id);
      VaultHead first = bare(topic.of(id).getLast().head());
      vaults.archive(id, LATER);
      relay.awaitPublished(id);
      VaultHead second = bare(topic.of(id).getLast().head());
      vaults.archive(id, LATER.plusSeconds(1));
      relay.awaitPublished(id);
      int afterRepetition = topic.of(id).size();
      vaults.delete(id);
      relay.awaitPublished(id);

      assertEquals(active(id), first);
      assertEquals(archived(id), second);
      assertEquals(2, afterRepetition, "archiving again changes nothing");
      assertNull(topic.of(id).getLast().head());
      assertEquals(3, topic.of(id).size());
      assertEquals("0", left());
    }
  }

  @Test
  void variables_are_published_with_the_salt_of_the_vault_when_they_come_and_go() throws Exception {
    RecordedTopic topic = new RecordedTopic();
    try (OutboxRelay relay = relay(topic)) {
      String id = vault();
      Credential second = variable(id, "B_KEY");
      Credential first = variable(id, "A_KEY");
      credential(
          id,
          "{'type':'static_bearer','mcp_server_url':'https://a.example','token':'canary-7f3a'}");
      relay.awaitPublished(id);
      VaultHead.Variables both = variables(topic, id);
      credentials.archive(id, first.id(), LATER);
      relay.awaitPublished(id);
      VaultHead.Variables one = variables(topic, id);
      credentials.delete(id, second.id());
      relay.awaitPublished(id);
      VaultHead.Variables none = variables(topic, id);

      assertEquals(List.of("A_KEY", "B_KEY"), both.names());
      assertTrue(both.salt().matches("[0-9a-f]{64}"), both.salt());
      assertEquals(new VaultHead.Variables(both.salt(), List.of("B_KEY")), one);
      assertEquals(new VaultHead.Variables(both.salt(), List.of()), none);
      assertEquals("0", left());
    }
  }

  @Test
  void a_credential_that_is_no_variable_is_nothing_others_have_to_know() throws Exception {
    RecordedTopic topic = new RecordedTopic();
    try (OutboxRelay relay = relay(topic)) {
      String id = vault();
      relay.awaitPublished(id);
      Credential bearer =
          credential(
              id,
              "{'type':'static_bearer','mcp_server_url':'https://a.example','token':'canary-7f3a'}");
      credentials.archive(id, bearer.id(), LATER);
      credentials.delete(id, bearer.id());

      assertEquals("0", left());
    }
  }

  private Credential variable(String vaultId, String name) {
    return credential(
        vaultId,
        "{'type':'environment_variable','secret_name':'"
            + name
            + "','secret_value':'canary-7f3a','networking':{'type':'unrestricted'}}");
  }

  /// @param auth JSON with single quotes
  private Credential credential(String vaultId, String auth) {
    byte[] body = ("{'auth':" + auth + "}").replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return credentials.create(
        CredentialRules.create(Json.tree(body), Ids.random("vcrd_"), vaultId, MADE));
  }

  private static VaultHead.Variables variables(RecordedTopic topic, String id) {
    VaultHead head = topic.of(id).getLast().head();
    return Objects.requireNonNull(Objects.requireNonNull(head).variables());
  }

  @Test
  void a_new_name_is_nothing_others_have_to_know() throws Exception {
    RecordedTopic topic = new RecordedTopic();
    String id = vault();
    try (OutboxRelay relay = relay(topic)) {
      relay.awaitPublished(id);
      vaults.change(id, vault -> new Vault(id, "Eve", vault.metadata(), MADE, LATER, null));

      assertEquals("0", left());
    }
  }

  @Test
  void what_a_process_killed_after_the_commit_left_is_published_by_the_next_one() throws Exception {
    String made = vault();
    String archived = vault();
    vaults.archive(archived, LATER);
    String deleted = vault();
    vaults.delete(deleted);
    RecordedTopic topic = new RecordedTopic();

    try (OutboxRelay relay = relay(topic)) {
      awaitCaughtUp(relay);
    }

    assertEquals(List.of(active(made)), heads(topic, made));
    assertEquals(List.of(archived(archived)), heads(topic, archived));
    assertNull(topic.of(deleted).getFirst().head());
    assertEquals("0", left());
  }

  @Test
  void what_was_sent_before_the_process_was_killed_is_sent_again_as_the_same() throws Exception {
    String id = vault();
    RecordedTopic topic = new RecordedTopic();
    topic.afterFirst =
        () -> {
          throw new IllegalStateException("killed");
        };

    try (OutboxRelay relay = relay(topic)) {
      relay.awaitPublished(id);
    }

    assertEquals(2, topic.of(id).size());
    assertEquals(topic.of(id).getFirst(), topic.of(id).getLast());
    assertEquals("0", left());
  }

  @Test
  void a_change_while_its_vault_is_published_is_published_too() throws Exception {
    String id = vault();
    RecordedTopic topic = new RecordedTopic();
    topic.afterFirst = () -> vaults.archive(id, LATER);

    try (OutboxRelay relay = relay(topic)) {
      relay.awaitPublished(id);
      relay.awaitPublished(id);
    }

    assertEquals(List.of(active(id), archived(id)), heads(topic, id));
  }

  @Test
  void what_the_topic_does_not_take_is_503_stays_and_comes_in_order() throws Exception {
    RecordedTopic topic = new RecordedTopic();
    topic.room = 0;
    List<String> ids = List.of(vault(), vault(), vault());
    try (OutboxRelay relay = relay(topic, Duration.ofMillis(100))) {
      ApiException refused =
          assertThrows(ApiException.class, () -> relay.awaitPublished(ids.getFirst()));
      topic.room = 1;
      topic.afterFirst =
          () -> {
            topic.room = Integer.MAX_VALUE;
            return "";
          };
      awaitCaughtUp(relay);

      assertEquals(503, refused.error().status());
      assertTrue(refused.error().message().contains("stored"), refused.error().message());
      assertEquals(0, relay.unpublished());
    }
    assertEquals(ids, topic.taken.stream().map(OutboxRow::vaultId).filter(ids::contains).toList());
    assertEquals("0", left());
  }

  @Test
  void more_than_a_turn_holds_is_published_in_several() throws Exception {
    database.execute(
        "INSERT INTO vault_proxy.vault_outbox (vault_id)"
            + " SELECT 'vlt_gone_' || n FROM generate_series(1, 250) AS n");
    RecordedTopic topic = new RecordedTopic();

    try (OutboxRelay relay = relay(topic)) {
      awaitCaughtUp(relay);
    }

    List<String> gone =
        topic.taken.stream()
            .map(OutboxRow::vaultId)
            .filter(id -> id.startsWith("vlt_gone_"))
            .toList();
    assertEquals(250, gone.size());
    assertEquals("vlt_gone_1", gone.getFirst());
    assertEquals("vlt_gone_250", gone.getLast());
    assertEquals("0", left());
  }

  @Test
  void instances_take_turns_and_the_newest_state_is_the_last_one() throws Exception {
    RecordedTopic topic = new RecordedTopic();
    try (OutboxRelay one = relay(topic);
        OutboxRelay two = relay(topic)) {
      List<Callable<String>> clients = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        OutboxRelay first = i % 2 == 0 ? one : two;
        OutboxRelay second = i % 2 == 0 ? two : one;
        clients.add(() -> makeAndArchive(first, second));
      }
      try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
        for (Future<String> done : threads.invokeAll(clients)) {
          List<@Nullable VaultHead> heads = heads(topic, done.get());
          assertEquals(List.of(active(done.get()), archived(done.get())), heads);
        }
      }
    }
    assertEquals(1, topic.publishingMax.get());
    assertEquals("0", left());
  }

  private String makeAndArchive(OutboxRelay first, OutboxRelay second) {
    String id = vault();
    first.awaitPublished(id);
    vaults.archive(id, LATER);
    second.awaitPublished(id);
    return id;
  }

  private static List<@Nullable VaultHead> heads(RecordedTopic topic, String id) {
    List<@Nullable VaultHead> heads = new ArrayList<>();
    topic.of(id).forEach(row -> heads.add(bare(row.head())));
    return heads;
  }

  /// While the database has ended the turn, what this instance sent may arrive after what another
  /// one sent since.
  @Test
  void what_was_sent_in_a_turn_that_the_database_ended_is_sent_once_more() throws Exception {
    String id = vault();
    RecordedTopic topic = new RecordedTopic();
    topic.afterFirst =
        () -> {
          database.execute(
              "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks"
                  + " WHERE locktype = 'advisory' AND pid <> pg_backend_pid()");
          database.execute("DELETE FROM vault_proxy.vault_outbox");
          return "";
        };

    try (OutboxRelay relay = relay(topic)) {
      awaitCaughtUp(relay);
    }

    assertEquals(2, topic.of(id).size());
    assertEquals("0", left());
  }

  @Test
  void without_the_database_it_says_so_and_goes_on_trying() throws Exception {
    PGSimpleDataSource nowhere = new PGSimpleDataSource();
    nowhere.setPortNumbers(new int[] {1});
    try (OutboxRelay relay =
        new OutboxRelay(
            new PostgresOutbox(new Transactions(nowhere)),
            new RecordedTopic(),
            Duration.ofMillis(100))) {
      relay.start();

      ApiException refused = assertThrows(ApiException.class, () -> relay.awaitPublished("vlt_1"));

      assertEquals(503, refused.error().status());
      assertFalse(relay.isCaughtUp());
    }
  }
}
