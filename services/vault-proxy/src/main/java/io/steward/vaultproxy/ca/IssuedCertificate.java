package io.steward.vaultproxy.ca;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/// A certificate for one host, with its key.
///
/// @param chain the host's, then the authority's
public record IssuedCertificate(PrivateKey key, List<X509Certificate> chain) {
  public IssuedCertificate {
    chain = List.copyOf(chain);
  }

  public Instant expiresAt() {
    return chain.getFirst().getNotAfter().toInstant();
  }

  @Override
  public String toString() {
    return "***";
  }
}
