package io.steward.vaultproxy.secret;

import com.google.crypto.tink.Aead;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.secret.SealedSecret;
import io.steward.vaultproxy.postgres.Failures;
import io.steward.vaultproxy.seal.KeyEncryptionKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// The secrets in the table `vault_proxy.session_secret`. The ciphertext of a row is bound to its
/// id, workspace, session and host. Plain JDBC: its callers are threads that may wait.
public final class PostgresSecrets implements Secrets {
  /// How long a forgotten session is remembered: much longer than a sealed secret can be on its
  /// way.
  static final Duration FORGOTTEN_KEPT = Duration.ofDays(30);

  private final DataSource database;
  private final @Nullable Aead encryption;
  private final InstantSource clock;

  /// @param encryption null when there is no key-encryption key: then secrets are neither kept nor
  ///   found, but an [io.steward.schemas.http.ApiException] is thrown
  public PostgresSecrets(DataSource database, @Nullable Aead encryption, InstantSource clock) {
    this.database = database;
    this.encryption = encryption;
    this.clock = clock;
  }

  private Aead encryption() {
    if (encryption == null) {
      throw KeyEncryptionKey.absence();
    }
    return encryption;
  }

  @Override
  public void keep(SealedSecret sealed, byte[] plaintext) {
    byte[] ciphertext;
    try {
      ciphertext =
          encryption()
              .encrypt(
                  plaintext,
                  context(sealed.id(), sealed.workspaceId(), sealed.sessionId(), sealed.host()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    inTransaction(
        sealed.sessionId(),
        connection -> {
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO vault_proxy.session_secret"
                      + " (id, workspace_id, session_id, host, ciphertext, created_at, used_at)"
                      + " SELECT ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS"
                      + " (SELECT FROM vault_proxy.forgotten_session WHERE session_id = ?)"
                      + " ON CONFLICT DO NOTHING")) {
            insert.setString(1, sealed.id());
            insert.setString(2, sealed.workspaceId());
            insert.setString(3, sealed.sessionId().value());
            insert.setString(4, sealed.host());
            insert.setBytes(5, ciphertext);
            insert.setObject(6, sealed.createdAt().atOffset(ZoneOffset.UTC));
            insert.setObject(7, sealed.createdAt().atOffset(ZoneOffset.UTC));
            insert.setString(8, sealed.sessionId().value());
            insert.executeUpdate();
          }
        });
  }

  @Override
  public Optional<Secret> find(String id, SessionId session) {
    Aead opener = encryption();
    try (Connection connection = database.getConnection();
        PreparedStatement use =
            connection.prepareStatement(
                "UPDATE vault_proxy.session_secret SET used_at = ?"
                    + " WHERE id = ? AND session_id = ?"
                    + " RETURNING workspace_id, host, ciphertext")) {
      use.setObject(1, clock.instant().atOffset(ZoneOffset.UTC));
      use.setString(2, id);
      use.setString(3, session.value());
      try (ResultSet row = use.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        String host = row.getString("host");
        byte[] context = context(id, row.getString("workspace_id"), session, host);
        return Optional.of(new Secret(host, opener.decrypt(row.getBytes("ciphertext"), context)));
      }
    } catch (SQLException e) {
      throw Failures.of(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the row of secret " + id + " was changed from outside", e);
    }
  }

  @Override
  public void forget(SessionId session) {
    inTransaction(
        session,
        connection -> {
          execute(
              connection,
              "DELETE FROM vault_proxy.session_secret WHERE session_id = ?",
              session.value());
          execute(
              connection,
              "INSERT INTO vault_proxy.forgotten_session (session_id, forgotten_at) VALUES (?, ?)"
                  + " ON CONFLICT DO NOTHING",
              session.value(),
              clock.instant().atOffset(ZoneOffset.UTC));
          execute(
              connection,
              "DELETE FROM vault_proxy.forgotten_session WHERE forgotten_at < ?",
              clock.instant().minus(FORGOTTEN_KEPT).atOffset(ZoneOffset.UTC));
        });
  }

  /// Removes secrets that were last used, or else made, before `time`.
  ///
  /// @return how many
  /// @throws io.steward.schemas.kafka.DependencyAwayException when the database does not answer
  public int forgetUnusedSince(Instant time) {
    try (Connection connection = database.getConnection();
        PreparedStatement delete =
            connection.prepareStatement(
                "DELETE FROM vault_proxy.session_secret WHERE used_at < ?")) {
      delete.setObject(1, time.atOffset(ZoneOffset.UTC));
      return delete.executeUpdate();
    } catch (SQLException e) {
      throw Failures.of(e);
    }
  }

  @Override
  public boolean isForgotten(SessionId session) {
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                "SELECT FROM vault_proxy.forgotten_session WHERE session_id = ?")) {
      select.setString(1, session.value());
      try (ResultSet row = select.executeQuery()) {
        return row.next();
      }
    } catch (SQLException e) {
      throw Failures.of(e);
    }
  }

  private static byte[] context(String id, String workspaceId, SessionId session, String host) {
    return String.join("\n", "steward session secret", id, workspaceId, session.value(), host)
        .getBytes(StandardCharsets.UTF_8);
  }

  private interface Work {
    void run(Connection connection) throws SQLException;
  }

  /// One transaction at a time per session: keeping and forgetting do not overtake each other.
  private void inTransaction(SessionId session, Work work) {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        execute(
            connection,
            "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))",
            "steward session secret " + session.value());
        work.run(connection);
        connection.commit();
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw Failures.of(e);
    }
  }

  private static void execute(Connection connection, String sql, Object... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      statement.execute();
    }
  }
}
