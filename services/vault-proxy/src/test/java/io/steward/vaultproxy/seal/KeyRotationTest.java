package io.steward.vaultproxy.seal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.Ids;
import io.steward.schemas.json.Json;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.stage.Database;
import io.steward.vaultproxy.stage.Sealing;
import io.steward.vaultproxy.store.PostgresCredentials;
import io.steward.vaultproxy.store.PostgresVaults;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.CredentialRules;
import io.steward.vaultproxy.vault.SecretField;
import io.steward.vaultproxy.vault.SecretValue;
import io.steward.vaultproxy.vault.Vault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The key-encryption key is exchanged under the vaults of a real PostgreSQL.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class KeyRotationTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final String TOKEN = "canary-7f3a";

  /// More than two transactions take.
  private static final int VAULTS = 2 * KeyRotation.ROWS_MAX + 5;

  private final Path directory;
  private final Database database;
  private final AtomicInteger instances = new AtomicInteger();

  KeyRotationTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    database = Database.start();
  }

  @AfterAll
  void stop() throws IOException {
    database.close();
  }

  @BeforeEach
  void clear() throws Exception {
    database.execute(
        "TRUNCATE vault_proxy.vaults, vault_proxy.keyset, vault_proxy.wrapping_key CASCADE");
  }

  /// A running instance of the service with its own file of keys, which it reads when it is told.
  private final class Instance {
    private final Path home;
    private final Path file;
    private final WrappingKeys wrapping = new WrappingKeys(database.source());
    private final KeyEncryptionKey kek;
    private final KeyRotation rotation;
    private final PostgresVaults vaults;
    private final PostgresCredentials credentials;

    Instance(int... keys) throws IOException {
      home = Files.createDirectory(directory.resolve("instance-" + instances.incrementAndGet()));
      file = home.resolve("keys");
      put(keys);
      kek = KeyEncryptionKey.read(file);
      rotation = new KeyRotation(kek, wrapping, home);
      VaultKeys.load(kek, new PostgresKeyStore(database.source()), NOW);
      wrapping.admit(kek.ring());
      Transactions transactions = new Transactions(database.source());
      vaults = new PostgresVaults(transactions, new DataKeys(kek));
      credentials = new PostgresCredentials(transactions, new DataKeys(kek));
    }

    void put(int... keys) throws IOException {
      Files.writeString(
          file, IntStream.of(keys).mapToObj(Sealing::line).collect(Collectors.joining("\n")));
    }

    /// Looks until nothing is wrapped with an older key. What others lock is left for the next
    /// time.
    void finish() throws IOException {
      do {
        rotation.look();
      } while (rotation.old() > 0);
    }

    Credential make() {
      Vault vault = vaults.create(new Vault(Ids.random("vlt_"), "Ada", Map.of(), NOW, NOW, null));
      return credentials.create(
          CredentialRules.create(
              Json.tree(
                  ("{\"auth\":{\"type\":\"static_bearer\",\"token\":\""
                          + TOKEN
                          + "\","
                          + "\"mcp_server_url\":\"https://a.example\"}}")
                      .getBytes(StandardCharsets.UTF_8)),
              Ids.random("vcrd_"),
              vault.id(),
              NOW));
    }

    List<Credential> make(int count) {
      List<Credential> made = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        made.add(make());
      }
      return made;
    }

    void assertReads(List<Credential> all) {
      all.forEach(one ->
          assertEquals(
              Optional.of(new SecretValue(TOKEN)),
              credentials.secret(one.vaultId(), one.id(), SecretField.TOKEN)));
    }

    String problem() throws IOException {
      return Json.tree(Files.readAllBytes(home.resolve(KeyRotation.REPORT)))
          .path("problem")
          .asText();
    }
  }

  private String wrappers() throws Exception {
    return database.ask(
        "SELECT string_agg(DISTINCT wrapped_with, ' ') FROM"
            + " (SELECT wrapped_with FROM vault_proxy.vaults"
            + " UNION ALL SELECT wrapped_with FROM vault_proxy.keyset) AS wrapped");
  }

  @Test
  void everything_is_wrapped_again_while_others_read_and_write_and_the_older_key_can_go()
      throws Exception {
    Instance instance = new Instance(1);
    List<Credential> made = instance.make(VAULTS);
    String first = wrappers();
    AtomicBoolean done = new AtomicBoolean();
    CountDownLatch reading = new CountDownLatch(1);

    try (ExecutorService client = Executors.newSingleThreadExecutor()) {
      Future<List<Credential>> beside =
          client.submit(() -> {
            List<Credential> more = new ArrayList<>();
            while (!done.get()) {
              more.add(instance.make());
              instance.assertReads(made.subList(0, 5));
              reading.countDown();
            }
            return more;
          });
      reading.await();
      instance.put(2, 1);
      instance.finish();
      String second = wrappers();
      instance.put(2);
      instance.finish();
      done.set(true);
      made.addAll(beside.get());

      assertEquals(second, wrappers());
      assertFalse(second.contains(first));
    }

    instance.assertReads(made.subList(0, 5));
    new Instance(2).assertReads(made);
    assertEquals("", instance.problem());
    assertEquals(
        VaultKeys.WRONG_KEY,
        assertThrows(IllegalStateException.class, () -> new Instance(1)).getMessage());
  }

  @Test
  void the_file_is_followed_while_the_service_runs() throws Exception {
    Instance instance = new Instance(1);
    List<Credential> made = instance.make(1);
    String first = wrappers();

    try (KeyRotation running = instance.rotation) {
      running.start();
      instance.put(2, 1);
      while (wrappers().contains(first)) {
        Thread.sleep(50);
      }
    }

    instance.assertReads(made);
  }

  @Test
  void what_a_crash_cut_off_is_finished_by_the_next_instance() throws Exception {
    List<Credential> made = new Instance(1).make(16);
    Instance crashes = new Instance(2, 1);
    AtomicInteger transactions = new AtomicInteger();

    crashes.wrapping.rewrap(
        crashes.kek.ring(), 5, () -> transactions.incrementAndGet() <= 4); // Keysets need two.

    String key = crashes.kek.ring().primary();
    assertEquals(6, crashes.wrapping.others(key));
    Instance next = new Instance(2, 1);
    next.finish();
    assertEquals(key, wrappers());
    next.assertReads(made);
  }

  @Test
  void a_key_that_does_not_open_stays_as_it_is_and_what_wrapped_it_is_not_retired()
      throws Exception {
    Instance instance = new Instance(1);
    Credential whole = instance.make();
    Credential broken = instance.make();
    database.execute(
        "UPDATE vault_proxy.vaults SET data_key = substring(data_key FROM 1 FOR 40) WHERE id = '"
            + broken.vaultId()
            + "'");

    instance.put(2, 1);
    instance.rotation.look();

    assertEquals(1, instance.rotation.old());
    assertEquals(
        "2",
        database.ask("SELECT count(*) FROM vault_proxy.wrapping_key WHERE retired_at IS NULL"));
    instance.assertReads(List.of(whole));
  }

  @Test
  void instances_share_the_work() throws Exception {
    List<Credential> made = new Instance(1).make(KeyRotation.ROWS_MAX + 5);
    Instance one = new Instance(2, 1);
    Instance two = new Instance(2, 1);

    try (ExecutorService both = Executors.newFixedThreadPool(2)) {
      List<Future<?>> ends = new ArrayList<>();
      for (Instance instance : List.of(one, two)) {
        ends.add(
            both.submit(() -> {
              instance.finish();
              return null;
            }));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    }

    assertEquals(one.kek.ring().primary(), wrappers());
    one.assertReads(made);
  }

  @Test
  void keys_that_were_wrapped_before_keys_had_ids_are_read_and_wrapped_again() throws Exception {
    List<Credential> made = new Instance(1).make(3);
    database.execute("UPDATE vault_proxy.vaults SET data_key = substring(data_key FROM 10)");
    database.execute("UPDATE vault_proxy.keyset SET ciphertext = substring(ciphertext FROM 10)");
    database.execute("TRUNCATE vault_proxy.wrapping_key");
    assertEquals("", wrappers());

    Instance updated = new Instance(1);
    updated.assertReads(made);
    updated.finish();

    assertEquals(updated.kek.ring().primary(), wrappers());
    updated.assertReads(made);
  }

  @Test
  void a_file_that_cannot_be_used_changes_nothing_until_it_is_mended() throws Exception {
    Instance instance = new Instance(1);
    List<Credential> made = instance.make(1);

    for (String bad : List.of("", "no key\n", Sealing.line(1) + "\nAAAA\n")) {
      Files.writeString(instance.file, bad);
      instance.rotation.look();

      assertTrue(instance.rotation.hasProblem());
      assertTrue(instance.problem().endsWith("keys that were read before stay in use."));
      instance.assertReads(made);
    }
    Files.delete(instance.file);
    instance.rotation.look();
    assertTrue(instance.rotation.hasProblem());
    instance.put(2, 1);
    instance.finish();

    assertFalse(instance.rotation.hasProblem());
    assertEquals(instance.kek.ring().primary(), wrappers());
    instance.assertReads(made);
  }

  @Test
  void a_key_that_is_still_needed_cannot_be_taken_away() throws Exception {
    Instance instance = new Instance(1);
    List<Credential> made = instance.make(2);
    String first = instance.kek.ring().primary();

    instance.put(2);
    instance.rotation.look();

    assertEquals(
        VaultKeys.WRONG_KEY + " The keys that were read before stay in use.", instance.problem());
    instance.assertReads(made);
    assertEquals(first, wrappers());

    // The keysets are wrapped again, the vaults are not yet.
    Instance other = new Instance(2, 1);
    AtomicInteger transactions = new AtomicInteger();
    other.wrapping.rewrap(other.kek.ring(), 2, () -> transactions.incrementAndGet() <= 2);
    String sentence =
        "The data keys of 2 vaults are still encrypted with the key-encryption key "
            + first
            + ", which is not in steward.vault.key-file; put it back.";
    assertEquals(
        sentence, assertThrows(IllegalStateException.class, () -> new Instance(2)).getMessage());
  }

  @Test
  void an_instance_that_has_not_read_its_file_again_wraps_nothing_with_a_retired_key()
      throws Exception {
    Instance late = new Instance(1);
    Instance ahead = new Instance(2, 1);
    Credential early = late.make();
    ahead.finish();

    ApiException cannotMake = assertThrows(ApiException.class, late::make);
    ApiException cannotRead =
        assertThrows(ApiException.class, () -> late.assertReads(List.of(early)));
    late.put(2, 1);
    late.finish();

    assertEquals(503, cannotMake.error().status());
    assertEquals(
        "The data key of vault "
            + early.vaultId()
            + " is encrypted with the key-encryption key "
            + ahead.kek.ring().primary()
            + ", which is not in steward.vault.key-file of this instance.",
        cannotRead.error().message());
    late.assertReads(List.of(early, late.make()));
    assertEquals(ahead.kek.ring().primary(), wrappers());
  }

  @Test
  void an_older_first_key_wraps_nothing_again_and_is_reported() throws Exception {
    Instance behind = new Instance(1);
    List<Credential> made = behind.make(1);
    Instance ahead = new Instance(2, 1);

    behind.put(1, 2);
    behind.rotation.look();

    String newest = ahead.kek.ring().primary();
    assertEquals(
        "The first key in steward.vault.key-file is older than the key "
            + newest
            + " of another instance; put that one, or a fresh one, first.",
        behind.problem());
    assertEquals(3, behind.rotation.old());
    ahead.finish();
    behind.rotation.look();
    assertEquals(newest, wrappers());
    behind.assertReads(made);
    behind.put(3, 1, 2);
    assertThrows(ApiException.class, behind::make);
    behind.finish();
    assertEquals(behind.kek.ring().primary(), wrappers());
  }

  @Test
  void a_retired_key_cannot_become_the_first_again() throws Exception {
    Instance instance = new Instance(1);
    instance.put(2, 1);
    instance.finish();

    instance.put(1, 2);
    instance.rotation.look();

    assertTrue(
        instance.problem().startsWith("The first key in steward.vault.key-file was replaced"));
    instance.assertReads(instance.make(1));
  }
}
