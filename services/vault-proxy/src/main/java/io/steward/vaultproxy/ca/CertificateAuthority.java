package io.steward.vaultproxy.ca;

import com.google.crypto.tink.Aead;
import io.steward.schemas.id.Ids;
import io.steward.vaultproxy.ca.AuthorityStore.KeptAuthority;
import io.steward.vaultproxy.egress.HostName;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/// The authority of this installation: a key on P-256 and its certificate, made at the first start
/// by whichever instance comes first. The key is kept encrypted and never leaves the service. It
/// signs certificates of hosts only, for a month, all with one key that lives as long as the
/// process. Safe from any thread.
public final class CertificateAuthority {
  private final X509Certificate certificate;
  private final PrivateKey key;
  private final KeyPair hostKey;
  private final InstantSource clock;
  private final Instant createdAt;

  private CertificateAuthority(
      X509Certificate certificate,
      PrivateKey key,
      KeyPair hostKey,
      InstantSource clock,
      Instant createdAt) {
    this.certificate = certificate;
    this.createdAt = createdAt;
    this.key = key;
    this.hostKey = hostKey;
    this.clock = clock;
  }

  /// The authority in `store`, made when there is none.
  ///
  /// @param encryption of the service's data at rest
  /// @throws IllegalStateException with one sentence when it was encrypted with another key
  public static CertificateAuthority load(
      Aead encryption, AuthorityStore store, InstantSource clock) {
    try {
      KeptAuthority kept = store.keep(fresh(encryption, clock));
      return new CertificateAuthority(
          certificate(kept.certificate()),
          opened(encryption, kept),
          keyPair(),
          clock,
          kept.createdAt());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeptAuthority fresh(Aead encryption, InstantSource clock)
      throws GeneralSecurityException {
    String id = Ids.random("vcau_");
    KeyPair pair = keyPair();
    byte[] plain = pair.getPrivate().getEncoded();
    try {
      return new KeptAuthority(
          id,
          Certificates.authority(pair, id, clock.instant()).getEncoded(),
          encryption.encrypt(plain, context(id)),
          clock.instant());
    } finally {
      Arrays.fill(plain, (byte) 0);
    }
  }

  private static PrivateKey opened(Aead encryption, KeptAuthority kept)
      throws GeneralSecurityException {
    byte[] plain;
    try {
      plain = encryption.decrypt(kept.encryptedKey(), context(kept.id()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(
          "The key of the certificate authority in the database cannot be decrypted: it was"
              + " encrypted with another key than this service has now.",
          e);
    }
    try {
      return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(plain));
    } finally {
      Arrays.fill(plain, (byte) 0);
    }
  }

  private static KeyPair keyPair() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static X509Certificate certificate(byte[] der) throws CertificateException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
  }

  private static byte[] context(String id) {
    return String.join("\n", "steward certificate authority", id).getBytes(StandardCharsets.UTF_8);
  }

  /// What a sandbox has to trust.
  public X509Certificate certificate() {
    return certificate;
  }

  /// The same as text, for a bundle file.
  public String certificatePem() {
    try {
      return "-----BEGIN CERTIFICATE-----\n"
          + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
          + "\n-----END CERTIFICATE-----\n";
    } catch (CertificateException e) {
      throw new IllegalStateException(e);
    }
  }

  /// When it was made.
  public Instant createdAt() {
    return createdAt;
  }

  /// A certificate for `host`, valid now and for [Certificates#HOST_VALID] from now on.
  public IssuedCertificate issue(HostName host) {
    try {
      X509Certificate issued =
          Certificates.host(host, hostKey.getPublic(), certificate, key, clock.instant());
      return new IssuedCertificate(hostKey.getPrivate(), List.of(issued, certificate));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
