package io.steward.vaultproxy.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.id.Ids;
import io.steward.schemas.vault.AuditRetention;
import io.steward.schemas.vault.CredentialUse;
import io.steward.schemas.vault.CredentialUse.Outcome;
import io.steward.schemas.vault.CredentialUse.Purpose;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.stage.Database;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

/// Uses on their way into a real PostgreSQL, which may be away, and out of it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class UseQueueTest {
  private static final Instant USED = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int NOBODY = 1;

  private final Database database;
  private final PostgresUses table;
  private final AtomicInteger written = new AtomicInteger();

  UseQueueTest() throws IOException {
    database = Database.start();
    table = new PostgresUses(new Transactions(database.source()));
  }

  @AfterAll
  void stop() throws IOException {
    database.close();
  }

  @BeforeEach
  void empty() throws Exception {
    database.execute("DELETE FROM vault_proxy.credential_use");
    written.set(0);
  }

  private static CredentialUse use(String vaultId, Instant at) {
    return new CredentialUse(
        Ids.random("vuse_"),
        at,
        "wrkspc_default",
        vaultId,
        "vcrd_1",
        null,
        Purpose.MCP,
        "a.example",
        443,
        true,
        Outcome.FAILED,
        null);
  }

  private static CredentialUse use() {
    return use("vlt_1", USED);
  }

  private UseQueue started(PostgresUses into, int roomMax, int waitingMax) {
    UseQueue queue = new UseQueue(into, written::incrementAndGet, roomMax, waitingMax);
    queue.start();
    return queue;
  }

  private String count() throws Exception {
    return database.ask("SELECT count(*) FROM vault_proxy.credential_use");
  }

  private static void await(BooleanSupplier condition) {
    long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - giveUpNanos < 0, "it does not come true");
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }

  @Test
  void a_recorded_use_is_in_the_table_when_its_caller_goes_on() throws Exception {
    try (UseQueue queue = started(table, 10, 20)) {
      queue.record(use());
      // The wait is bounded, so on a slow machine it may come a little later.
      await(() -> written.get() == 1);

      assertEquals("1", count());
      assertTrue(queue.hasRoom());
    }
  }

  @Test
  void what_was_noted_is_written_when_the_service_ends() throws Exception {
    UseQueue queue = started(table, 2_000, 2_000);
    for (int i = 0; i < 1_200; i++) {
      queue.note(use());
    }
    queue.close();

    assertEquals("1200", count());
    assertEquals(0, queue.lost());
    assertFalse(queue.hasRoom());
  }

  @Test
  void a_use_that_comes_again_changes_nothing() throws Exception {
    CredentialUse use = use();
    table.keep(List.of(use));
    table.keep(List.of(use, use()));

    assertEquals("2", count());
  }

  @Test
  void while_the_database_is_away_uses_wait_until_there_is_no_room() throws Exception {
    PGSimpleDataSource source = (PGSimpleDataSource) database.source();
    int[] ports = source.getPortNumbers();
    source.setPortNumbers(new int[] {NOBODY});
    try (UseQueue queue = started(new PostgresUses(new Transactions(source)), 2, 4)) {
      queue.note(use());
      await(queue::isFailing);
      assertTrue(queue.hasRoom());
      queue.note(use());
      queue.note(use());
      assertFalse(queue.hasRoom(), "no credential is used any more");
      queue.note(use());
      queue.note(use());
      assertEquals(0, queue.lost(), "what was under way still finds a place");
      queue.note(use());
      assertEquals(1, queue.lost());
      assertEquals("0", count());

      source.setPortNumbers(ports);

      await(() -> queue.waiting() == 0 && !queue.isFailing());
      assertTrue(queue.hasRoom());
    }
    assertEquals("5", count());
  }

  @Test
  void what_is_not_written_at_the_end_is_counted() {
    UseQueue queue = new UseQueue(table, () -> {});
    queue.note(use());
    queue.close();
    queue.note(use());

    assertEquals(2, queue.lost());
  }

  /// No such use is ever made; if one were, the others must not wait behind it for ever.
  @Test
  void a_use_the_database_refuses_is_lost_alone() throws Exception {
    UseQueue queue = new UseQueue(table, written::incrementAndGet);
    queue.note(use());
    queue.note(use("vlt_\0", USED));
    queue.note(use());
    queue.start();
    queue.close();

    assertEquals(1, queue.lost());
    assertEquals("2", count());
  }

  @Test
  void uses_are_published_in_their_order_and_those_that_are_not_taken_stay() {
    List<CredentialUse> all = List.of(use(), use(), use());
    table.keep(all);
    List<CredentialUse> taken = new ArrayList<>();

    PostgresUses.Turn first =
        table.publish(
            10,
            uses -> {
              taken.add(uses.getFirst());
              return 1;
            });
    PostgresUses.Turn second =
        table.publish(
            10,
            uses -> {
              taken.addAll(uses);
              return uses.size();
            });

    assertEquals(new PostgresUses.Turn(3, 1), first);
    assertEquals(new PostgresUses.Turn(2, 2), second);
    assertEquals(all, taken);
    assertEquals(new PostgresUses.Turn(0, 0), table.publish(10, List::size));
  }

  @Test
  void instances_publish_different_uses_at_the_same_time() {
    table.keep(List.of(use(), use()));

    PostgresUses.Turn outer =
        table.publish(
            1,
            _ -> {
              assertEquals(new PostgresUses.Turn(1, 1), table.publish(10, List::size));
              return 1;
            });

    assertEquals(new PostgresUses.Turn(1, 1), outer);
  }

  @Test
  void a_relay_publishes_what_is_there_and_what_comes() {
    List<CredentialUse> taken = new CopyOnWriteArrayList<>();
    CredentialUse left = use();
    CredentialUse coming = use();
    table.keep(List.of(left));
    AuditTopic topic =
        uses -> {
          taken.addAll(uses);
          return uses.size();
        };
    try (AuditRelay relay = new AuditRelay(table, topic);
        UseQueue queue = new UseQueue(table, relay::wake)) {
      relay.start();
      queue.start();
      await(() -> taken.size() == 1);
      queue.note(coming);

      await(() -> taken.size() == 2);
      assertEquals(List.of(left, coming), taken);
      assertFalse(relay.isFailing());
    }
  }

  @Test
  void what_is_old_enough_and_published_is_removed() throws Exception {
    Instant now = USED.plus(Duration.ofDays(400));
    CredentialUse old = use("vlt_1", USED.minusMillis(1));
    CredentialUse young = use("vlt_1", USED);
    table.keep(List.of(old, young));
    try (UseSweep sweep = new UseSweep(table, AuditRetention.USUAL, () -> now);
        UseSweep never = new UseSweep(table, AuditRetention.parse("forever"), () -> now)) {
      assertEquals(0, sweep.sweep(), "not before it is published");
      var _ = table.publish(10, List::size);

      assertEquals(0, never.sweep());
      assertEquals(1, sweep.sweep());
      assertEquals(young.id(), database.ask("SELECT id FROM vault_proxy.credential_use"));
    }
  }
}
