package io.steward.sandbox.save;

import io.steward.schemas.id.SessionId;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/// The contract on a real PostgreSQL, with the migrations of the service.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresWorkspacesTest extends WorkspacesContract {
  private final EmbeddedPostgres postgres;

  PostgresWorkspacesTest() throws IOException {
    postgres = EmbeddedPostgres.start();
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
  Workspaces workspaces() {
    return new PostgresWorkspaces(postgres.getPostgresDatabase());
  }

  @Override
  Heads heads() {
    return new PostgresHeads(postgres.getPostgresDatabase());
  }

  @Override
  void age(SessionId session, Duration time) {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "UPDATE sandbox.workspace SET used_at = now() - make_interval(secs => ?)"
                    + " WHERE session_id = ?")) {
      statement.setDouble(1, time.toSeconds());
      statement.setString(2, session.value());
      statement.executeUpdate();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
