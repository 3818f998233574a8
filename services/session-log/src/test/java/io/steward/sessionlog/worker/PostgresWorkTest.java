package io.steward.sessionlog.worker;

import static io.steward.sessionlog.Samples.T0;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.steward.schemas.id.SessionId;
import io.steward.sessionlog.work.Demand;
import io.steward.sessionlog.work.Heartbeat;
import io.steward.sessionlog.work.PostgresWorkTable;
import io.steward.sessionlog.work.WorkItem;
import io.steward.sessionlog.work.WorkItem.Outcome;
import io.steward.sessionlog.work.WorkItem.StoppedBy;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// The table on a real PostgreSQL, with the migrations of the service.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class PostgresWorkTest {
  private static final String LAB = "env_lab";
  private static final Duration TTL = Duration.ofSeconds(300);
  private static final Duration RECLAIM = Duration.ofSeconds(5);

  private final EmbeddedPostgres postgres;
  private final AgroalDataSource database;
  private final PostgresWork work;

  PostgresWorkTest() throws IOException, SQLException {
    postgres = EmbeddedPostgres.start();
    String url = postgres.getJdbcUrl("postgres", "postgres") + "&currentSchema=session_log";
    database =
        AgroalDataSource.from(
            new AgroalDataSourceConfigurationSupplier()
                .connectionPoolConfiguration(pool ->
                    pool.maxSize(8)
                        .connectionFactoryConfiguration(factory -> factory.jdbcUrl(url))));
    work = new PostgresWork(database);
  }

  @BeforeAll
  void migrate() {
    Flyway.configure()
        .dataSource(postgres.getPostgresDatabase())
        .schemas("session_log")
        .createSchemas(true)
        .load()
        .migrate();
  }

  @BeforeEach
  void empty() throws SQLException {
    execute("TRUNCATE work, work_poller");
  }

  @AfterAll
  void stop() throws IOException {
    database.close();
    postgres.close();
  }

  @Test
  void an_item_is_the_same_after_each_of_its_states() throws SQLException {
    SessionId session = session(0);
    String id = handOut(T0, "token").orElseThrow().id();
    assertSame(id, change(id, 1, item -> item.acknowledged(T0.plusSeconds(1), TTL)));
    assertSame(
        id, change(id, 2, item -> item.heartbeat(T0.plusSeconds(2), Heartbeat.NONE, null, TTL)));
    assertSame(id, change(id, 3, item -> new Outcome.Done(item.withMetadata(Map.of("a", "b\"c")))));
    assertSame(
        id,
        change(
            id, 4, item -> new Outcome.Done(item.stopping(T0.plusSeconds(4), StoppedBy.CLIENT))));
    assertSame(
        id,
        change(id, 5, item -> new Outcome.Done(item.stopped(T0.plusSeconds(5), StoppedBy.WORKER))));
    WorkItem stopped = work.find(LAB, id).orElseThrow();
    assertEquals(session, stopped.sessionId());
    assertEquals(Map.of("a", "b\"c"), stopped.metadata());
    assertEquals("2026-11-20T10:00:02.000000Z", WorkView.of(stopped).latestHeartbeatAt());
  }

  @Test
  void polls_get_the_oldest_first_and_none_twice() throws Exception {
    for (int i = 0; i < 20; i++) {
      session(i);
    }
    Set<String> got = ConcurrentHashMap.newKeySet();
    List<CompletableFuture<Void>> polls =
        IntStream.range(0, 4)
            .mapToObj(poll ->
                CompletableFuture.runAsync(
                    () -> {
                      for (int i = 0; i < 5; i++) {
                        String token = poll + "/" + i;
                        assertTrue(got.add(handOut(T0.plusSeconds(60), token).orElseThrow().id()));
                      }
                    },
                    task -> Thread.ofVirtual().start(task)))
            .toList();
    for (CompletableFuture<Void> poll : polls) {
      poll.get(60, TimeUnit.SECONDS);
    }

    assertEquals(20, got.size());
    assertEquals(Optional.empty(), handOut(T0.plusSeconds(60), "late"));
    assertEquals(new QueueStats(0, 20, T0, 0), work.stats(LAB, T0));
  }

  @Test
  void an_item_nobody_acknowledged_is_handed_out_again_and_the_first_token_is_nobodys()
      throws SQLException {
    session(0);
    WorkItem first = handOut(T0, "one").orElseThrow();
    assertEquals(Optional.empty(), handOut(T0.plusSeconds(4), "two"));
    assertEquals(Set.of("one"), work.open(List.of("one", "two")));

    WorkItem again = handOut(T0.plusSeconds(5), "two").orElseThrow();

    assertEquals(first.id(), again.id());
    assertEquals(Optional.empty(), work.handedOut("one"));
    assertEquals(again, work.handedOut("two").orElseThrow().item());
    assertEquals(Set.of("two"), work.open(List.of("one", "two")));
  }

  @Test
  void of_two_first_heartbeats_one_wins() throws Exception {
    session(0);
    String id = handOut(T0, "token").orElseThrow().id();
    change(id, 1, item -> item.acknowledged(T0, TTL));
    List<CompletableFuture<Outcome>> beats =
        IntStream.range(0, 4)
            .mapToObj(_ ->
                CompletableFuture.supplyAsync(
                    () -> change(id, 2, item -> item.heartbeat(T0, Heartbeat.NONE, null, TTL)),
                    task -> Thread.ofVirtual().start(task)))
            .toList();
    int won = 0;
    for (CompletableFuture<Outcome> beat : beats) {
      won += beat.get(60, TimeUnit.SECONDS) instanceof Outcome.Beaten ? 1 : 0;
    }

    assertEquals(1, won);
  }

  @Test
  void what_is_due_happens_once() throws SQLException {
    session(0);
    String id = handOut(T0, "token").orElseThrow().id();
    change(id, 0, item -> item.acknowledged(T0, TTL));
    assertEquals(new PostgresWork.Due(0, Set.of()), work.due(T0.plusSeconds(299), 10));

    assertEquals(new PostgresWork.Due(1, Set.of(LAB)), work.due(T0.plusSeconds(300), 10));

    assertEquals(new PostgresWork.Due(0, Set.of()), work.due(T0.plusSeconds(300), 10));
    assertEquals(1, work.stats(LAB, T0).depth());
    assertEquals(1, work.depth());
  }

  @Test
  void a_session_has_one_item_whatever_is_read_again() throws SQLException {
    SessionId session = session(0);
    follow(demand(session, 0, 0, true));
    follow(demand(session, 3, 3, true));
    assertEquals(1, work.depth());
    String id = handOut(T0, "token").orElseThrow().id();
    change(id, 1, item -> item.acknowledged(T0, TTL));
    follow(demand(session, 5, 5, true));

    Outcome.Done ended =
        assertInstanceOf(
            Outcome.Done.class,
            change(id, 2, item -> new Outcome.Done(item.stopped(T0, StoppedBy.WORKER))));
    follow(demand(session, 0, 0, true));
    follow(demand(session, 5, 5, true));

    assertEquals("stopped", ended.item().state().wireName());
    assertEquals(1, work.depth());
    assertEquals(2, work.list(LAB, null, 10).size());
  }

  @Test
  void the_log_and_a_worker_that_ends_never_make_two_items_of_a_session() throws Exception {
    for (int round = 0; round < 20; round++) {
      SessionId session = session(round);
      String id = handOut(T0, "token" + round).orElseThrow().id();
      change(id, 0, item -> item.acknowledged(T0, TTL));
      follow(demand(session, 3, 3, true));
      CompletableFuture<Void> log =
          CompletableFuture.runAsync(
              () -> {
                try {
                  follow(demand(session, 4, 4, true));
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              },
              task -> Thread.ofVirtual().start(task));
      change(id, 1, item -> new Outcome.Done(item.stopped(T0, StoppedBy.WORKER)));
      log.get(60, TimeUnit.SECONDS);

      WorkItem next = handOut(T0, "next" + round).orElseThrow();
      assertEquals(session, next.sessionId());
      assertEquals(4, next.need().readTo());
    }
  }

  @Test
  void pages_of_the_list_meet() throws SQLException {
    for (int i = 0; i < 5; i++) {
      session(i);
    }
    List<WorkItem> all = work.list(LAB, null, 10);
    List<WorkItem> first = work.list(LAB, null, 2);
    WorkItem last = first.getLast();

    List<WorkItem> rest = work.list(LAB, new PostgresWork.Place(last.createdAt(), last.id()), 10);

    assertEquals(5, all.size());
    assertTrue(all.getFirst().createdAt().isAfter(all.getLast().createdAt()));
    assertEquals(all.subList(0, 2), first);
    assertEquals(all.subList(2, 5), rest);
    assertEquals(List.of(), work.list("env_other", null, 10));
  }

  @Test
  void workers_count_for_a_while_and_only_so_many() {
    for (int i = 0; i < 4; i++) {
      work.polled(LAB, "worker_" + i, T0, 3);
      work.polled(LAB, "worker_1", T0, 3);
    }
    assertEquals(3, work.stats(LAB, T0.minusSeconds(30)).workersPolling());
    assertEquals(0, work.stats(LAB, T0).workersPolling());
    assertEquals(0, work.stats("env_other", T0.minusSeconds(30)).workersPolling());

    work.polled(LAB, "worker_2", T0.plusSeconds(9), 3); // Also when there is no room for others.
    assertEquals(1, work.stats(LAB, T0.plusSeconds(8)).workersPolling());
    work.forget(T0.plusSeconds(10), T0);

    assertEquals(0, work.stats(LAB, T0.minusSeconds(30)).workersPolling());
  }

  @Test
  void the_last_item_of_a_session_is_not_forgotten() throws SQLException {
    SessionId session = session(0);
    String first = handOut(T0, "one").orElseThrow().id();
    change(first, 1, item -> new Outcome.Done(item.stopped(T0, StoppedBy.CLIENT)));
    follow(demand(session, 9, 9, true));
    String second = handOut(T0, "two").orElseThrow().id();
    change(second, 1, item -> new Outcome.Done(item.stopped(T0, StoppedBy.CLIENT)));

    work.forget(T0, T0.plusSeconds(1));

    assertEquals(Optional.empty(), work.find(LAB, first));
    assertTrue(work.find(LAB, second).isPresent());
  }

  /// A new session that asks for a worker, later than those before.
  private SessionId session(int number) throws SQLException {
    SessionId session = SessionId.random(0);
    Demand demand = demand(session, 0, 0, true);
    follow(
        new Demand(
            session,
            demand.workspaceId(),
            LAB,
            0,
            T0.plusSeconds(number),
            0,
            demand.interruptedAt(),
            true,
            false));
    return session;
  }

  private static Demand demand(SessionId session, long offset, long askedAt, boolean needed) {
    return new Demand(session, "wrkspc_default", LAB, offset, T0, askedAt, -1, needed, false);
  }

  private void follow(Demand demand) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      PostgresWorkTable.follow(connection, demand);
      connection.commit();
    }
  }

  private Optional<WorkItem> handOut(Instant now, String token) {
    return work.handOut(LAB, now, RECLAIM, token);
  }

  private Outcome change(String id, int seconds, Function<WorkItem, Outcome> decide) {
    return work.change(LAB, id, T0.plusSeconds(seconds), decide).orElseThrow().outcome();
  }

  private void assertSame(String id, Outcome outcome) {
    WorkItem expected =
        switch (outcome) {
          case Outcome.Done(WorkItem item) -> item;
          case Outcome.Beaten(WorkItem item, _) -> item;
          case Outcome.Refused(var error) -> throw new AssertionError(error);
        };
    assertEquals(expected, work.find(LAB, id).orElseThrow());
    assertFalse(work.change("env_other", id, T0, Outcome.Done::new).isPresent());
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
