package io.steward.vaultproxy.ca;

import io.steward.vaultproxy.postgres.Transactions;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;

/// The authority in the one row of the table `vault_proxy.certificate_authority`.
public final class PostgresAuthorityStore implements AuthorityStore {
  private final Transactions transactions;

  public PostgresAuthorityStore(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public KeptAuthority keep(KeptAuthority fresh) {
    return transactions.call(connection -> {
      var _ =
          Transactions.update(
              connection,
              "INSERT INTO vault_proxy.certificate_authority"
                  + " (id, certificate, encrypted_key, created_at)"
                  + " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
              fresh.id(),
              fresh.certificate(),
              fresh.encryptedKey(),
              fresh.createdAt());
      try (PreparedStatement select =
              Transactions.prepare(
                  connection,
                  "SELECT id, certificate, encrypted_key, created_at"
                      + " FROM vault_proxy.certificate_authority");
          ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("the certificate authority was removed");
        }
        return new KeptAuthority(
            row.getString("id"),
            row.getBytes("certificate"),
            row.getBytes("encrypted_key"),
            row.getObject("created_at", OffsetDateTime.class).toInstant());
      }
    });
  }
}
