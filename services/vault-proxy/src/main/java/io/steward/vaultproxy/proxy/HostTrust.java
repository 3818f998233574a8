package io.steward.vaultproxy.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Whose certificates of hosts are believed.
public final class HostTrust {
  private HostTrust() {}

  /// The authorities this Java trusts, and those in a PEM file.
  ///
  /// @throws IOException when the file cannot be read
  /// @throws CertificateException when it holds no certificates
  public static X509TrustManager and(Path file) throws IOException, GeneralSecurityException {
    KeyStore all = KeyStore.getInstance(KeyStore.getDefaultType());
    all.load(null, null);
    int count = 0;
    for (X509Certificate certificate : manager(null).getAcceptedIssuers()) {
      all.setCertificateEntry("usual-" + count++, certificate);
    }
    Collection<? extends Certificate> added;
    try (InputStream in = Files.newInputStream(file)) {
      added = CertificateFactory.getInstance("X.509").generateCertificates(in);
    }
    if (added.isEmpty()) {
      throw new CertificateException("there is no certificate in the file");
    }
    for (Certificate certificate : added) {
      all.setCertificateEntry("own-" + count++, certificate);
    }
    return manager(all);
  }

  private static X509TrustManager manager(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager x509) {
        return x509;
      }
    }
    throw new GeneralSecurityException("this Java trusts no certificates");
  }
}
