package io.steward.vaultproxy.clone;

import io.steward.vaultproxy.clone.CloneFailure.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Whose certificates are believed.
final class Trust {
  private Trust() {}

  /// The authorities this Java trusts, and those in the PEM file `authority`.
  static TrustManager[] managers(@Nullable Path authority) throws IOException {
    try {
      if (authority == null) {
        return managers((KeyStore) null);
      }
      KeyStore all = KeyStore.getInstance(KeyStore.getDefaultType());
      all.load(null, null);
      int count = 0;
      for (TrustManager manager : managers((KeyStore) null)) {
        if (manager instanceof X509TrustManager usual) {
          for (X509Certificate certificate : usual.getAcceptedIssuers()) {
            all.setCertificateEntry("usual-" + count++, certificate);
          }
        }
      }
      try (InputStream in = Files.newInputStream(authority)) {
        for (Certificate certificate :
            CertificateFactory.getInstance("X.509").generateCertificates(in)) {
          all.setCertificateEntry("own-" + count++, certificate);
        }
      }
      return managers(all);
    } catch (GeneralSecurityException e) {
      throw new CloneFailure(
          Reason.CLONE, "The certificate authority in steward.git.ca cannot be used.");
    }
  }

  private static TrustManager[] managers(@Nullable KeyStore store) throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }
}
