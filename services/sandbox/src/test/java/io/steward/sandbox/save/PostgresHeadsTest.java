package io.steward.sandbox.save;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/// The contract on a real PostgreSQL, with the migrations of the service.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresHeadsTest extends HeadsContract {
  private final EmbeddedPostgres postgres;
  private final Heads heads;

  PostgresHeadsTest() throws IOException {
    postgres = EmbeddedPostgres.start();
    heads = new PostgresHeads(postgres.getPostgresDatabase());
  }

  @BeforeAll
  void migrate() {
    Flyway.configure()
        .dataSource(postgres.getPostgresDatabase())
        .schemas("sandbox")
        .defaultSchema("sandbox")
        .load()
        .migrate();
  }

  @AfterAll
  void stop() throws IOException {
    postgres.close();
  }

  @Override
  Heads heads() {
    return heads;
  }
}
