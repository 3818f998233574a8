package io.steward.vaultproxy.seal;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.aead.AesGcmParameters;
import com.google.crypto.tink.util.SecretBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;

/// The key that encrypts the service's other keys. It comes from a file that holds 32 random bytes
/// in base64, and is kept nowhere else: whoever has the database without it has nothing.
public final class KeyEncryptionKey {
  private static final int KEY_BYTES = 32;
  private static final int FILE_BYTES_MAX = 1024;
  private static final int IV_BYTES = 12;
  private static final int TAG_BYTES = 16;

  private final Aead aead;

  private KeyEncryptionKey(Aead aead) {
    this.aead = aead;
  }

  /// The key in `file`.
  ///
  /// @throws IllegalStateException with one sentence when the file does not hold a key
  public static KeyEncryptionKey read(Path file) {
    byte[] text;
    try {
      if (Files.size(file) > FILE_BYTES_MAX) {
        throw unusable(file, "it is longer than " + FILE_BYTES_MAX + " bytes");
      }
      text = Files.readAllBytes(file);
    } catch (IOException e) {
      throw unusable(file, "it cannot be read (" + e.getClass().getSimpleName() + ")");
    }
    byte[] key = decoded(file, text);
    try {
      return new KeyEncryptionKey(aead(key));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private static byte[] decoded(Path file, byte[] text) {
    byte[] key;
    try {
      // Through a text, because the file may end with a line feed.
      key = Base64.getDecoder().decode(new String(text, StandardCharsets.ISO_8859_1).strip());
    } catch (IllegalArgumentException _) {
      throw unusable(file, "it is not base64"); // The cause would quote the key.
    } finally {
      Arrays.fill(text, (byte) 0);
    }
    if (key.length != KEY_BYTES) {
      throw unusable(file, "it holds " + key.length + " bytes");
    }
    return key;
  }

  private static IllegalStateException unusable(Path file, String reason) {
    return new IllegalStateException(
        "The key-encryption key in steward.vault.kek-file ("
            + file
            + ") cannot be used: "
            + reason
            + "; the file must hold "
            + KEY_BYTES
            + " random bytes in base64.");
  }

  @AccessesPartialKey
  private static Aead aead(byte[] key) throws GeneralSecurityException {
    AeadConfig.register();
    AesGcmParameters parameters =
        AesGcmParameters.builder()
            .setKeySizeBytes(KEY_BYTES)
            .setIvSizeBytes(IV_BYTES)
            .setTagSizeBytes(TAG_BYTES)
            .setVariant(AesGcmParameters.Variant.NO_PREFIX)
            .build();
    AesGcmKey tinkKey =
        AesGcmKey.builder()
            .setParameters(parameters)
            .setKeyBytes(SecretBytes.copyFrom(key, InsecureSecretKeyAccess.get()))
            .build();
    return KeysetHandle.newBuilder()
        .addEntry(KeysetHandle.importKey(tinkKey).withFixedId(1).makePrimary())
        .build()
        .getPrimitive(RegistryConfiguration.get(), Aead.class);
  }

  /// Encrypts a keyset. `context` has to be the same to decrypt it.
  byte[] wrap(KeysetHandle keyset, byte[] context) throws GeneralSecurityException {
    return TinkProtoKeysetFormat.serializeEncryptedKeyset(keyset, aead, context);
  }

  /// Decrypts a keyset.
  ///
  /// @throws GeneralSecurityException when it was encrypted with another key or context
  KeysetHandle unwrap(byte[] ciphertext, byte[] context) throws GeneralSecurityException {
    return TinkProtoKeysetFormat.parseEncryptedKeyset(ciphertext, aead, context);
  }

  @Override
  public String toString() {
    return "***";
  }
}
