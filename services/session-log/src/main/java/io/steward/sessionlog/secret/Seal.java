package io.steward.sessionlog.secret;

import com.google.crypto.tink.Configuration;
import com.google.crypto.tink.HybridEncrypt;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.hybrid.HybridConfig2026;
import io.steward.schemas.secret.SealingKey;
import java.security.GeneralSecurityException;
import java.util.Base64;

/// A public key of vault-proxy, ready to seal with.
final class Seal {
  private final String keyId;
  private final HybridEncrypt encrypt;

  private Seal(String keyId, HybridEncrypt encrypt) {
    this.keyId = keyId;
    this.encrypt = encrypt;
  }

  /// @throws GeneralSecurityException when the keyset is none, or cannot encrypt
  static Seal of(SealingKey key) throws GeneralSecurityException {
    Configuration tink = HybridConfig2026.get();
    KeysetHandle keyset =
        TinkJsonProtoKeysetFormat.parseKeysetWithoutSecret(key.publicKeyset(), tink);
    return new Seal(key.keyId(), keyset.getPrimitive(tink, HybridEncrypt.class));
  }

  String keyId() {
    return keyId;
  }

  /// The ciphertext in base64. It can be opened only with the same context.
  ///
  /// @throws GeneralSecurityException when it cannot be encrypted; never names the secret
  String seal(Secret secret, byte[] context) throws GeneralSecurityException {
    return Base64.getEncoder().encodeToString(encrypt.encrypt(secret.bytes(), context));
  }
}
