package io.steward.sandbox.journal;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/// The contract on a real PostgreSQL, with the migrations of the service.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresJournalTest extends JournalContract {
  private final EmbeddedPostgres postgres;

  PostgresJournalTest() throws IOException {
    postgres = EmbeddedPostgres.start();
  }

  @BeforeAll
  void migrate() {
    Flyway.configure()
        .dataSource(postgres.getPostgresDatabase())
        .schemas("sandbox")
        .createSchemas(true)
        .load()
        .migrate();
  }

  @BeforeEach
  void empty() throws SQLException {
    try (var connection = postgres.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("TRUNCATE sandbox.tool_call");
    }
  }

  @AfterAll
  void stop() throws IOException {
    postgres.close();
  }

  @Override
  Journal journal() {
    return new PostgresJournal(postgres.getPostgresDatabase());
  }
}
