package io.steward.vaultproxy.stage;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/// A PostgreSQL with the migrations of the service.
public final class Database implements AutoCloseable {
  private final EmbeddedPostgres postgres;

  private Database(EmbeddedPostgres postgres) {
    this.postgres = postgres;
  }

  public static Database start() throws IOException {
    EmbeddedPostgres postgres = EmbeddedPostgres.start();
    Flyway.configure()
        .dataSource(postgres.getPostgresDatabase())
        .schemas("vault_proxy")
        .createSchemas(true)
        .load()
        .migrate();
    return new Database(postgres);
  }

  public DataSource source() {
    return postgres.getPostgresDatabase();
  }

  public void execute(String sql) throws SQLException {
    try (var connection = source().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /// The first column of the first row, as text.
  public String ask(String sql) throws SQLException {
    try (var connection = source().getConnection();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  @Override
  public void close() throws IOException {
    postgres.close();
  }
}
