package io.steward.vaultproxy.seal;

import static io.steward.vaultproxy.postgres.Transactions.prepare;
import static io.steward.vaultproxy.postgres.Transactions.update;

import com.google.crypto.tink.KeysetHandle;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.vaultproxy.postgres.Transactions;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/// Which key-encryption key wraps which row of the database, agreed by all instances. The table
/// `vault_proxy.wrapping_key` has the keys that were ever first in a file, numbered in the order in
/// which they came:
///
/// - the newest one is what all rows are to be wrapped with;
/// - an older one may still wrap, because an instance that has not read its file again uses it;
/// - once nothing is wrapped with older ones they are retired, and wrap never again. So a key that
///   is retired can be thrown away.
///
/// While the database does not answer, every method throws
/// [io.steward.schemas.kafka.DependencyAwayException].
public final class WrappingKeys {
  private static final Logger LOG = Logger.getLogger(WrappingKeys.class);

  private static final Wrapped KEYSETS =
      new Wrapped("keyset", "purpose", "key_id", "ciphertext", VaultKeys::context);
  private static final Wrapped VAULTS =
      new Wrapped("vaults", "id", "id", "data_key", (id, _) -> DataKeys.context(id));
  private static final List<Wrapped> ALL = List.of(KEYSETS, VAULTS);

  private final Transactions transactions;

  public WrappingKeys(DataSource database) {
    this.transactions = new Transactions(database);
  }

  /// A table with wrapped keysets.
  ///
  /// @param id its primary key
  /// @param bound another column that the keyset is bound to
  /// @param wrapped the column with the keyset; null in rows that have none
  /// @param context what the keyset is bound to, from the two
  private record Wrapped(
      String table,
      String id,
      String bound,
      String wrapped,
      BiFunction<String, String, byte[]> context) {
    /// Some rows after one in the order of their ids, that are not wrapped with a key. They are
    /// locked; those that somebody else has locked are left out.
    String select() {
      return ("SELECT %s AS id, %s AS bound, %s AS wrapped FROM vault_proxy.%s"
              + " WHERE %s IS NOT NULL AND wrapped_with <> ? AND %s > ? ORDER BY %s LIMIT ?"
              + " FOR NO KEY UPDATE SKIP LOCKED")
          .formatted(id, bound, wrapped, table, wrapped, id, id);
    }

    String update() {
      return "UPDATE vault_proxy.%s SET %s = ? WHERE %s = ?".formatted(table, wrapped, id);
    }

    /// Keys and how many rows each of them wraps.
    String wrappers() {
      return "SELECT wrapped_with, count(*) FROM vault_proxy.%s WHERE %s IS NOT NULL GROUP BY 1"
          .formatted(table, wrapped);
    }

    /// How many rows are not wrapped with a key.
    String others() {
      return "SELECT count(*) FROM vault_proxy.%s WHERE %s IS NOT NULL AND wrapped_with <> ?"
          .formatted(table, wrapped);
    }
  }

  /// Lets the keys of a file be used. The first one becomes the newest when it is new.
  ///
  /// @throws IllegalStateException with one sentence when rows need a key that is not in the file,
  ///   or the first key was retired
  void admit(KeyRing ring) {
    transactions.call(connection -> {
      requireFirst(connection, ring);
      requireOpen(connection, ring);
      requireAll(connection, ring);
      return update(
          connection,
          "INSERT INTO vault_proxy.wrapping_key (id, first_used_at) VALUES (?, now())"
              + " ON CONFLICT DO NOTHING",
          ring.primary());
    });
  }

  private static void requireFirst(Connection connection, KeyRing ring) throws SQLException {
    if (isRetired(connection, ring.primary())) {
      throw new IllegalStateException(
          "The first key in steward.vault.key-file was replaced by a newer one before, so it cannot"
              + " encrypt again; put the newer one, or a fresh one, in its place.");
    }
  }

  /// Both keysets of the service open: what they are wrapped with may have no name.
  private static void requireOpen(Connection connection, KeyRing ring) throws SQLException {
    try (PreparedStatement select =
            prepare(connection, "SELECT purpose, key_id, ciphertext FROM vault_proxy.keyset");
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        byte[] context = VaultKeys.context(row.getString("purpose"), row.getString("key_id"));
        ring.unwrap(row.getBytes("ciphertext"), context);
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(VaultKeys.WRONG_KEY, e);
    }
  }

  private static void requireAll(Connection connection, KeyRing ring) throws SQLException {
    try (PreparedStatement select = prepare(connection, VAULTS.wrappers());
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        String id = row.getString(1);
        if (!id.equals(KeyRing.UNNAMED) && !ring.has(id)) {
          throw new IllegalStateException(
              "The data keys of "
                  + row.getLong(2)
                  + " vaults are still encrypted with the key-encryption key "
                  + id
                  + ", which is not in steward.vault.key-file; put it back.");
        }
      }
    }
  }

  /// @throws ApiException 503 when a key was retired: this instance has not read its file again
  static void requireNotRetired(Connection connection, String id) throws SQLException {
    if (isRetired(connection, id)) {
      throw new ApiException(
          ApiError.unavailable(
              "The key-encryption key was replaced, and this instance does not have the new one"
                  + " yet; try again soon."));
    }
  }

  /// Whether a key must not wrap any more. If it may, that stays so until the transaction ends.
  static boolean isRetired(Connection connection, String id) throws SQLException {
    try (PreparedStatement select =
            prepare(
                connection,
                "SELECT retired_at IS NOT NULL FROM vault_proxy.wrapping_key WHERE id = ?"
                    + " FOR SHARE",
                id);
        ResultSet row = select.executeQuery()) {
      return row.next() && row.getBoolean(1);
    }
  }

  /// The key that all rows are to be wrapped with.
  ///
  /// @throws IllegalStateException when no keys were admitted
  String newest() {
    return transactions.call(connection -> {
      try (PreparedStatement select =
              prepare(
                  connection,
                  "SELECT id FROM vault_proxy.wrapping_key ORDER BY number DESC LIMIT 1");
          ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          throw new IllegalStateException("no key-encryption key was admitted");
        }
        return row.getString("id");
      }
    });
  }

  /// Rows that are wrapped with another key than `id`.
  long others(String id) {
    return transactions.call(connection -> others(connection, id));
  }

  private static long others(Connection connection, String id) throws SQLException {
    long count = 0;
    for (Wrapped wrapped : ALL) {
      try (PreparedStatement select = prepare(connection, wrapped.others(), id);
          ResultSet row = select.executeQuery()) {
        row.next();
        count += row.getLong(1);
      }
    }
    return count;
  }

  /// Wraps rows again with the first key of the ring, a few in each transaction, so that an end at
  /// any moment leaves every row wrapped with one key or the other. Rows that somebody works with
  /// at that moment are left for later.
  ///
  /// @param rowsMax rows of one transaction
  /// @param goesOn asked before each transaction
  /// @return rows that do not open, and stay as they are
  int rewrap(KeyRing ring, int rowsMax, BooleanSupplier goesOn) {
    int broken = 0;
    for (Wrapped wrapped : ALL) {
      Optional<Batch> last = Optional.of(new Batch("", 0));
      while (last.isPresent() && goesOn.getAsBoolean()) {
        String after = last.get().last();
        last = transactions.call(connection -> rewrap(connection, ring, wrapped, after, rowsMax));
        broken += last.map(Batch::broken).orElse(0);
      }
    }
    return broken;
  }

  /// @param last the row that was looked at last
  private record Batch(String last, int broken) {}

  private record Row(String id, byte[] context, byte[] wrapped) {}

  /// @return empty when there are no more rows
  private static Optional<Batch> rewrap(
      Connection connection, KeyRing ring, Wrapped wrapped, String after, int rowsMax)
      throws SQLException {
    if (isRetired(connection, ring.primary())) {
      return Optional.empty();
    }
    List<Row> rows = rows(connection, wrapped, ring.primary(), after, rowsMax);
    int broken = 0;
    for (Row row : rows) {
      try {
        KeysetHandle keyset = ring.unwrap(row.wrapped(), row.context());
        update(connection, wrapped.update(), ring.wrap(keyset, row.context()), row.id());
      } catch (GeneralSecurityException e) {
        broken++;
        LOG.errorf(
            "the key of %s %s does not open and stays as it is: %s",
            wrapped.table(), row.id(), e.getMessage());
      }
    }
    return rows.isEmpty() ? Optional.empty() : Optional.of(new Batch(rows.getLast().id(), broken));
  }

  private static List<Row> rows(
      Connection connection, Wrapped wrapped, String primary, String after, int rowsMax)
      throws SQLException {
    List<Row> rows = new ArrayList<>();
    try (PreparedStatement select = prepare(connection, wrapped.select(), primary, after, rowsMax);
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        String id = row.getString("id");
        rows.add(
            new Row(
                id, wrapped.context().apply(id, row.getString("bound")), row.getBytes("wrapped")));
      }
    }
    return rows;
  }

  /// Retires all keys that are older than `id` when nothing is wrapped with another key than that.
  /// The lock comes first: whoever wraps with an older one holds it until that can be seen here.
  ///
  /// @return rows that are wrapped with another key; 0 when all older keys are retired
  long retireBefore(String id) {
    String older =
        " WHERE retired_at IS NULL"
            + " AND number < (SELECT number FROM vault_proxy.wrapping_key WHERE id = ?)";
    return transactions.call(connection -> {
      try (PreparedStatement lock =
          prepare(
              connection,
              "SELECT id FROM vault_proxy.wrapping_key" + older + " ORDER BY number FOR UPDATE",
              id)) {
        lock.execute();
      }
      long others = others(connection, id);
      if (others == 0) {
        int retired =
            update(
                connection, "UPDATE vault_proxy.wrapping_key SET retired_at = now()" + older, id);
        if (retired > 0) {
          LOG.infof("nothing needs another key-encryption key than %s any more", id);
        }
      }
      return others;
    });
  }
}
