package io.steward.vaultproxy.seal;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.HybridDecrypt;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.Parameters;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import com.google.crypto.tink.hybrid.HpkeParameters;
import com.google.crypto.tink.hybrid.HybridConfig;
import io.steward.schemas.id.Ids;
import io.steward.schemas.secret.SealedSecret;
import io.steward.schemas.secret.SealingKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;

/// The keys all instances of the service share: one that encrypts secrets at rest, and a pair whose
/// public half others seal secrets with. They are made once, by whichever instance comes first.
/// Safe from any thread.
public final class VaultKeys {
  /// What is said when the keys in the database do not open.
  static final String WRONG_KEY =
      "The keys in the database cannot be decrypted: they were encrypted with another"
          + " key-encryption key than those in steward.vault.key-file.";

  private static final String DATA = "data";
  private static final String SEALING = "sealing";
  private static final HpkeParameters HPKE = hpke();

  private final Aead data;
  private final HybridDecrypt opener;
  private final SealingKey sealingKey;

  private VaultKeys(Aead data, HybridDecrypt opener, SealingKey sealingKey) {
    this.data = data;
    this.opener = opener;
    this.sealingKey = sealingKey;
  }

  /// The keys in `store`, made when there are none.
  ///
  /// @param now when keys that are made were made
  /// @throws IllegalStateException with one sentence when they were encrypted with another
  ///   key-encryption key
  /// @throws io.steward.schemas.http.ApiException when there is no key-encryption key
  public static VaultKeys load(KeyEncryptionKey kek, KeyStore store, Instant now) {
    try {
      AeadConfig.register();
      HybridConfig.register();
      Keyset data = keyset(DATA, PredefinedAeadParameters.AES256_GCM, kek, store, now);
      Keyset sealing = keyset(SEALING, HPKE, kek, store, now);
      return new VaultKeys(
          data.handle().getPrimitive(RegistryConfiguration.get(), Aead.class),
          sealing.handle().getPrimitive(RegistryConfiguration.get(), HybridDecrypt.class),
          new SealingKey(
              sealing.stored().keyId(),
              TinkJsonProtoKeysetFormat.serializeKeysetWithoutSecret(
                  sealing.handle().getPublicKeysetHandle()),
              sealing.stored().createdAt()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private record Keyset(KeyStore.WrappedKeyset stored, KeysetHandle handle) {}

  private static Keyset keyset(
      String purpose, Parameters parameters, KeyEncryptionKey kek, KeyStore store, Instant now)
      throws GeneralSecurityException {
    String keyId = Ids.random("vkey_");
    KeyStore.WrappedKeyset stored =
        store.keep(
            new KeyStore.WrappedKeyset(
                purpose,
                keyId,
                kek.wrap(KeysetHandle.generateNew(parameters), context(purpose, keyId)),
                now));
    try {
      return new Keyset(stored, kek.unwrap(stored.ciphertext(), context(purpose, stored.keyId())));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(WRONG_KEY, e);
    }
  }

  /// What the keyset of a purpose is bound to.
  static byte[] context(String purpose, String keyId) {
    return String.join("\n", "steward keyset", purpose, keyId).getBytes(StandardCharsets.UTF_8);
  }

  /// What others need to seal a secret for this service.
  public SealingKey sealingKey() {
    return sealingKey;
  }

  /// What encrypts at rest: AES-256-GCM.
  public Aead data() {
    return data;
  }

  /// The plaintext of a sealed secret. The caller overwrites it as soon as it can.
  ///
  /// @throws SealBrokenException when it was sealed with another key, or for another id, workspace,
  ///   session or host
  public byte[] open(SealedSecret sealed) throws SealBrokenException {
    if (!sealed.keyId().equals(sealingKey.keyId())) {
      throw new SealBrokenException(
          "it is sealed with the key " + sealed.keyId() + ", not with " + sealingKey.keyId());
    }
    byte[] ciphertext;
    try {
      ciphertext = Base64.getDecoder().decode(sealed.ciphertext());
    } catch (IllegalArgumentException e) {
      throw new SealBrokenException("the ciphertext is not base64");
    }
    try {
      return opener.decrypt(ciphertext, sealed.context());
    } catch (GeneralSecurityException e) {
      throw new SealBrokenException(
          "the ciphertext does not belong to this id, workspace, session and host");
    }
  }

  private static HpkeParameters hpke() {
    try {
      return HpkeParameters.builder()
          .setKemId(HpkeParameters.KemId.DHKEM_X25519_HKDF_SHA256)
          .setKdfId(HpkeParameters.KdfId.HKDF_SHA256)
          .setAeadId(HpkeParameters.AeadId.AES_256_GCM)
          .setVariant(HpkeParameters.Variant.TINK)
          .build();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
