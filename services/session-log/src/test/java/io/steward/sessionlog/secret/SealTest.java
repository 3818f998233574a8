package io.steward.sessionlog.secret;

import static io.steward.sessionlog.Samples.ID;
import static io.steward.sessionlog.Samples.T0;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.crypto.tink.Configuration;
import com.google.crypto.tink.HybridDecrypt;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.hybrid.HpkeParameters;
import com.google.crypto.tink.hybrid.HybridConfig2026;
import io.steward.schemas.json.Json;
import io.steward.schemas.secret.SealedSecret;
import io.steward.schemas.secret.SealingKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class SealTest {
  private static final Configuration TINK = HybridConfig2026.get();
  private static final String TOKEN = "ghp_53cr3t";

  private final KeysetHandle keys = keys();
  private final Seal seal = seal(keys);

  @Test
  void only_the_holder_of_the_private_key_reads_a_secret() throws GeneralSecurityException {
    SealedSecret sealed = sealed("sec_1", "github.com");

    assertArrayEquals(TOKEN.getBytes(StandardCharsets.UTF_8), open(keys, sealed, sealed.context()));
    assertEquals("key-1", sealed.keyId());
    assertThrows(GeneralSecurityException.class, () -> open(keys(), sealed, sealed.context()));
  }

  @Test
  void a_secret_moved_to_another_host_or_id_cannot_be_opened() {
    SealedSecret sealed = sealed("sec_1", "github.com");

    assertThrows(
        GeneralSecurityException.class,
        () -> open(keys, sealed, sealed("sec_1", "evil.example").context()));
    assertThrows(
        GeneralSecurityException.class,
        () -> open(keys, sealed, sealed("sec_2", "github.com").context()));
  }

  @Test
  void the_record_shows_nothing_of_the_secret() {
    SealedSecret sealed = sealed("sec_1", "github.com");
    String json = new String(Json.bytes(sealed), StandardCharsets.UTF_8);

    assertFalse(json.contains(TOKEN), json);
    assertFalse(sealed.toString().contains(TOKEN));
    assertNotEquals(sealed.ciphertext(), sealed("sec_1", "github.com").ciphertext());
    assertEquals("***", new Secret(TOKEN).toString());
  }

  @Test
  void a_keyset_that_is_none_or_holds_a_private_key_is_refused() throws GeneralSecurityException {
    String secret =
        TinkJsonProtoKeysetFormat.serializeKeyset(keys, TINK, InsecureSecretKeyAccess.get());

    assertThrows(
        GeneralSecurityException.class, () -> Seal.of(new SealingKey("k", "{\"a\":1}", T0)));
    assertThrows(GeneralSecurityException.class, () -> Seal.of(new SealingKey("k", "x", T0)));
    assertThrows(GeneralSecurityException.class, () -> Seal.of(new SealingKey("k", secret, T0)));
  }

  private SealedSecret sealed(String id, String host) {
    return Secrets.sealed(seal, id, ID, host, new Secret(TOKEN), T0);
  }

  private static byte[] open(KeysetHandle with, SealedSecret sealed, byte[] context)
      throws GeneralSecurityException {
    return with.getPrimitive(TINK, HybridDecrypt.class)
        .decrypt(Base64.getDecoder().decode(sealed.ciphertext()), context);
  }

  private static Seal seal(KeysetHandle keys) {
    try {
      String publicKeyset =
          TinkJsonProtoKeysetFormat.serializeKeysetWithoutSecret(
              keys.getPublicKeysetHandle(), TINK);
      return Seal.of(new SealingKey("key-1", publicKeyset, T0));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeysetHandle keys() {
    try {
      return KeysetHandle.generateNew(
          HpkeParameters.builder()
              .setKemId(HpkeParameters.KemId.DHKEM_X25519_HKDF_SHA256)
              .setKdfId(HpkeParameters.KdfId.HKDF_SHA256)
              .setAeadId(HpkeParameters.AeadId.AES_256_GCM)
              .setVariant(HpkeParameters.Variant.TINK)
              .build(),
          TINK);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
