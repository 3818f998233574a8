package io.steward.vaultproxy.ca;

import io.steward.vaultproxy.egress.HostName;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// The two kinds of certificate there are here. Keys and signatures are the JDK's; only the form is
/// made by BouncyCastle, because the JDK can read certificates and not make them.
final class Certificates {
  static final Duration AUTHORITY_VALID = Duration.ofDays(3650);
  static final Duration HOST_VALID = Duration.ofDays(30);

  /// Clocks of sandboxes may be behind.
  private static final Duration BEFORE = Duration.ofDays(1);

  private static final int SERIAL_BITS = 127;
  private static final String SIGNATURE = "SHA256withECDSA";
  private static final SecureRandom RANDOM = new SecureRandom();

  private Certificates() {}

  /// Signed by itself. It may sign hosts, and no further authority.
  static X509Certificate authority(KeyPair pair, String id, Instant now)
      throws GeneralSecurityException {
    X500Principal name = new X500Principal("CN=Steward egress " + id + ", O=Steward");
    X509v3CertificateBuilder builder = builder(name, name, pair.getPublic(), now, AUTHORITY_VALID);
    try {
      return signed(
          builder
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
              .addExtension(
                  Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
              .addExtension(
                  Extension.subjectKeyIdentifier,
                  false,
                  new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic())),
          pair.getPrivate());
    } catch (CertIOException e) {
      throw new GeneralSecurityException(e);
    }
  }

  /// For one host, signed by the authority.
  static X509Certificate host(
      HostName host, PublicKey hostKey, X509Certificate authority, PrivateKey key, Instant now)
      throws GeneralSecurityException {
    int kind =
        switch (host) {
          case HostName.Name _ -> GeneralName.dNSName;
          case HostName.Literal _ -> GeneralName.iPAddress;
        };
    JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
    X509v3CertificateBuilder builder =
        builder(
            authority.getSubjectX500Principal(),
            new X500Principal("O=Steward"),
            hostKey,
            now,
            HOST_VALID);
    try {
      return signed(
          builder
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
              .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
              .addExtension(
                  Extension.extendedKeyUsage,
                  false,
                  new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
              .addExtension(
                  Extension.subjectAlternativeName,
                  false,
                  new GeneralNames(new GeneralName(kind, host.text())))
              .addExtension(
                  Extension.authorityKeyIdentifier,
                  false,
                  extensions.createAuthorityKeyIdentifier(authority.getPublicKey()))
              .addExtension(
                  Extension.subjectKeyIdentifier,
                  false,
                  extensions.createSubjectKeyIdentifier(hostKey)),
          key);
    } catch (CertIOException e) {
      throw new GeneralSecurityException(e);
    }
  }

  private static X509v3CertificateBuilder builder(
      X500Principal issuer, X500Principal subject, PublicKey key, Instant now, Duration valid) {
    return new JcaX509v3CertificateBuilder(
        issuer,
        new BigInteger(SERIAL_BITS, RANDOM).add(BigInteger.ONE),
        Date.from(now.minus(BEFORE)),
        Date.from(now.plus(valid)),
        subject,
        key);
  }

  private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key)
      throws GeneralSecurityException {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException(e);
    }
  }
}
