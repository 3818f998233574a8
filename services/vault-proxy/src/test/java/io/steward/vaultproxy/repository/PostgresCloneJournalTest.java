package io.steward.vaultproxy.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.steward.schemas.egress.EgressCommand.CloneRepository;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.vaultproxy.stage.Database;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class PostgresCloneJournalTest extends CloneJournalContract {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static Database database;

  @BeforeAll
  static void start() throws IOException {
    database = Database.start();
  }

  @AfterAll
  static void stop() throws IOException {
    database.close();
  }

  @Override
  CloneJournal journal() {
    return journal(NOW);
  }

  private static CloneJournal journal(Instant now) {
    return new PostgresCloneJournal(database.source(), InstantSource.fixed(now));
  }

  private static CloneRepository command(String secretId) {
    return new CloneRepository(
        SessionId.random(1), "sesrsc_01x", "1", "https://github.com/a/b", null, secretId);
  }

  @Test
  void an_attempt_is_known_for_thirty_days() throws Exception {
    CloneRepository old = command("secret");
    journal(NOW.minus(PostgresCloneJournal.KEPT)).start(old, "wrkspc_default");
    journal(NOW).start(command("secret"), "wrkspc_default");
    assertEquals("1", database.ask(count(old)));

    journal(NOW.plusSeconds(1)).start(command("secret"), "wrkspc_default");

    assertEquals("0", database.ask(count(old)));
  }

  private static String count(CloneRepository command) {
    return "SELECT count(*) FROM vault_proxy.clone_attempt WHERE session_id = '"
        + command.sessionId()
        + "'";
  }

  @Test
  void a_database_that_is_away_is_no_fault_of_the_command_and_a_bad_value_is() {
    PGSimpleDataSource nowhere = new PGSimpleDataSource();
    nowhere.setPortNumbers(new int[] {1});
    CloneJournal away = new PostgresCloneJournal(nowhere, InstantSource.fixed(NOW));

    assertThrows(
        DependencyAwayException.class, () -> away.start(command("secret"), "wrkspc_default"));
    assertThrows(IllegalStateException.class, () -> journal().start(command("secret"), "\0"));
  }
}
