package io.steward.vaultproxy.seal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import javax.sql.DataSource;

/// The keysets in the table `vault_proxy.keyset`.
public final class PostgresKeyStore implements KeyStore {
  private final DataSource database;

  public PostgresKeyStore(DataSource database) {
    this.database = database;
  }

  /// @throws IllegalStateException when the database does not answer
  @Override
  public WrappedKeyset keep(WrappedKeyset fresh) {
    try (Connection connection = database.getConnection()) {
      try (PreparedStatement insert =
          connection.prepareStatement(
              "INSERT INTO vault_proxy.keyset (purpose, key_id, ciphertext, created_at)"
                  + " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
        insert.setString(1, fresh.purpose());
        insert.setString(2, fresh.keyId());
        insert.setBytes(3, fresh.ciphertext());
        insert.setObject(4, fresh.createdAt().atOffset(ZoneOffset.UTC));
        insert.executeUpdate();
      }
      return kept(connection, fresh.purpose());
    } catch (SQLException e) {
      throw new IllegalStateException("The keys cannot be read from the database.", e);
    }
  }

  private static WrappedKeyset kept(Connection connection, String purpose) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT key_id, ciphertext, created_at FROM vault_proxy.keyset WHERE purpose = ?")) {
      select.setString(1, purpose);
      try (ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("the keyset " + purpose + " was removed");
        }
        return new WrappedKeyset(
            purpose,
            row.getString("key_id"),
            row.getBytes("ciphertext"),
            row.getObject("created_at", OffsetDateTime.class).toInstant());
      }
    }
  }
}
