package io.steward.vaultproxy.store;

import static io.steward.vaultproxy.postgres.Transactions.prepare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.Envelope;
import io.steward.vaultproxy.vault.Vault;
import io.steward.vaultproxy.vault.VaultRules;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The rows of `vault_proxy.vaults`.
final class VaultRows {
  static final String COLUMNS =
      "id, display_name, metadata, created_at, updated_at, archived_at, data_key";

  private static final TypeReference<Map<String, String>> METADATA = new TypeReference<>() {};

  private VaultRows() {}

  /// A vault whose row is locked until the end of the transaction.
  ///
  /// @param dataKey as it is kept; null when the vault is archived
  record Locked(Vault vault, byte @Nullable [] dataKey) {
    /// The data key of a vault that is not archived.
    byte[] activeKey() {
      VaultRules.requireActive(vault);
      return Objects.requireNonNull(dataKey);
    }
  }

  /// Locks the row of a vault. All changes of a vault and of its credentials begin with this.
  ///
  /// @throws io.steward.schemas.http.ApiException 404 when there is no such vault
  static Locked lock(Connection connection, String id) throws SQLException {
    try (PreparedStatement select = select(connection, id, " FOR UPDATE");
        ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        throw VaultRules.missing(id);
      }
      return new Locked(vault(row), row.getBytes("data_key"));
    }
  }

  /// @throws io.steward.schemas.http.ApiException 404 when there is no such vault
  static Vault find(Connection connection, String id) throws SQLException {
    try (PreparedStatement select = select(connection, id, "");
        ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        throw VaultRules.missing(id);
      }
      return vault(row);
    }
  }

  private static PreparedStatement select(Connection connection, String id, String lock)
      throws SQLException {
    return prepare(
        connection,
        "SELECT " + COLUMNS + " FROM vault_proxy.vaults WHERE id = ? AND workspace_id = ?" + lock,
        id,
        Envelope.DEFAULT_WORKSPACE);
  }

  static Vault vault(ResultSet row) throws SQLException {
    return new Vault(
        row.getString("id"),
        row.getString("display_name"),
        metadata(row.getString("metadata")),
        instant(row, "created_at"),
        instant(row, "updated_at"),
        optionalInstant(row, "archived_at"));
  }

  /// JSON as a text parameter.
  static String json(Object value) {
    return new String(Json.bytes(value), StandardCharsets.UTF_8);
  }

  static Map<String, String> metadata(String json) {
    try {
      return Json.mapper().readValue(json, METADATA);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  static @Nullable Instant optionalInstant(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
