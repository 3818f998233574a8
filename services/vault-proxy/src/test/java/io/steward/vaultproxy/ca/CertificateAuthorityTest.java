package io.steward.vaultproxy.ca;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.crypto.tink.Aead;
import io.steward.vaultproxy.ca.AuthorityStore.KeptAuthority;
import io.steward.vaultproxy.egress.HostName;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.seal.KeyEncryptionKey;
import io.steward.vaultproxy.seal.KeyStore;
import io.steward.vaultproxy.seal.VaultKeys;
import io.steward.vaultproxy.stage.Database;
import io.steward.vaultproxy.stage.Sealing;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateAuthorityTest {
  private static final Instant NOW = Instant.parse("2026-11-22T00:00:00Z");
  private static final InstantSource CLOCK = InstantSource.fixed(NOW);

  @TempDir private Path directory;

  @Test
  void all_instances_have_the_authority_that_was_made_first() throws Exception {
    try (Database database = Database.start()) {
      AuthorityStore store = new PostgresAuthorityStore(new Transactions(database.source()));
      Aead encryption = encryption(1);

      CertificateAuthority first = CertificateAuthority.load(encryption, store, CLOCK);
      CertificateAuthority second = CertificateAuthority.load(encryption, store, CLOCK);

      assertEquals(first.certificate(), second.certificate());
      assertValid(second.issue(HostName.parse("example.com")), first.certificate());
      assertEquals("1", database.ask("SELECT count(*) FROM vault_proxy.certificate_authority"));
    }
  }

  @Test
  void the_key_is_kept_encrypted_and_opens_with_the_same_key_only() throws Exception {
    Kept kept = new Kept();
    CertificateAuthority authority = CertificateAuthority.load(encryption(1), kept, CLOCK);

    byte[] key = kept.kept.values().iterator().next().encryptedKey();
    String derOfCurve = "\u0006\u0008\u002a\u0086\u0048\u00ce\u003d\u0003\u0001\u0007";
    assertTrue(!new String(key, StandardCharsets.ISO_8859_1).contains(derOfCurve));
    assertTrue(authority.certificatePem().startsWith("-----BEGIN CERTIFICATE-----\n"));
    assertEquals(
        "The key of the certificate authority in the database cannot be decrypted: it was"
            + " encrypted with another key than this service has now.",
        assertThrows(
                IllegalStateException.class,
                () -> CertificateAuthority.load(encryption(2), kept, CLOCK))
            .getMessage());
  }

  @Test
  void the_authority_signs_hosts_and_no_further_authority() throws Exception {
    CertificateAuthority authority = CertificateAuthority.load(encryption(1), new Kept(), CLOCK);
    X509Certificate certificate = authority.certificate();

    assertEquals(0, certificate.getBasicConstraints());
    assertArrayEquals(
        new boolean[] {false, false, false, false, false, true, true, false, false},
        certificate.getKeyUsage());
    CertificateFactory.getInstance("X.509")
        .generateCertificate(
            new ByteArrayInputStream(
                authority.certificatePem().getBytes(StandardCharsets.US_ASCII)))
        .verify(certificate.getPublicKey());
  }

  @Test
  void a_certificate_is_for_one_host_and_a_month() throws Exception {
    CertificateAuthority authority = CertificateAuthority.load(encryption(1), new Kept(), CLOCK);

    IssuedCertificate name = authority.issue(HostName.parse("Example.com."));
    IssuedCertificate address = authority.issue(HostName.parse("192.0.2.1"));
    IssuedCertificate six = authority.issue(HostName.parse("[2001:db8::1]"));

    assertEquals(List.of(2, "example.com"), onlyName(name));
    assertEquals(List.of(7, "192.0.2.1"), onlyName(address));
    assertEquals(List.of(7, "2001:db8:0:0:0:0:0:1"), onlyName(six));
    assertEquals(NOW.plus(Duration.ofDays(30)), name.expiresAt());
    for (IssuedCertificate issued : List.of(name, address, six)) {
      X509Certificate leaf = issued.chain().getFirst();
      assertValid(issued, authority.certificate());
      assertEquals(-1, leaf.getBasicConstraints());
      assertEquals(List.of("1.3.6.1.5.5.7.3.1"), leaf.getExtendedKeyUsage());
    }
    Set<BigInteger> serials = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      serials.add(
          authority.issue(HostName.parse("a.example")).chain().getFirst().getSerialNumber());
    }
    assertEquals(20, serials.size());
  }

  @Test
  void the_key_of_a_host_is_not_printed() throws Exception {
    assertEquals(
        "***",
        CertificateAuthority.load(encryption(1), new Kept(), CLOCK)
            .issue(HostName.parse("a.example"))
            .toString());
  }

  private static List<?> onlyName(IssuedCertificate issued) throws Exception {
    Collection<List<?>> names = issued.chain().getFirst().getSubjectAlternativeNames();
    assertEquals(1, names.size());
    return names.iterator().next();
  }

  private static void assertValid(IssuedCertificate issued, X509Certificate authority)
      throws Exception {
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
    parameters.setRevocationEnabled(false);
    parameters.setDate(java.util.Date.from(NOW));
    CertPathValidator.getInstance("PKIX")
        .validate(
            CertificateFactory.getInstance("X.509")
                .generateCertPath(List.of(issued.chain().getFirst())),
            parameters);
  }

  private Aead encryption(int key) throws Exception {
    Map<String, KeyStore.WrappedKeyset> kept = new ConcurrentHashMap<>();
    return VaultKeys.load(
            KeyEncryptionKey.read(Sealing.kek(directory, key)),
            fresh -> kept.computeIfAbsent(fresh.purpose(), _ -> fresh),
            NOW)
        .data();
  }

  private static final class Kept implements AuthorityStore {
    private final Map<String, KeptAuthority> kept = new ConcurrentHashMap<>();

    @Override
    public KeptAuthority keep(KeptAuthority fresh) {
      return kept.computeIfAbsent("one", _ -> fresh);
    }
  }
}
