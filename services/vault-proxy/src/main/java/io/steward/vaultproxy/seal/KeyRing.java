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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The key-encryption keys of one file: the first wraps keysets, all unwrap them. Immutable.
///
/// A wrapped keyset begins with one byte, the version, and the id of the key that wrapped it; then
/// comes what Tink makes of it. The id is a part of a hash of the key and says nothing about it.
/// Keysets that were wrapped before keys had ids have only Tink's bytes, which never begin so.
final class KeyRing {
  static final int KEY_BYTES = 32;

  /// The id of the key of keysets that name none.
  static final String UNNAMED = "";

  private static final byte VERSION = 1;
  private static final int ID_BYTES = 8;
  private static final int HEAD_BYTES = 1 + ID_BYTES;
  private static final int IV_BYTES = 12;
  private static final int TAG_BYTES = 16;

  private final Map<String, Aead> keys;
  private final String primary;
  private final String fileHash;

  private KeyRing(Map<String, Aead> keys, String primary, String fileHash) {
    this.keys = keys;
    this.primary = primary;
    this.fileHash = fileHash;
  }

  /// A keyset names a key that is not in the ring.
  static final class UnknownKeyException extends GeneralSecurityException {
    private static final long serialVersionUID = 1L;

    UnknownKeyException(String id) {
      super(id);
    }
  }

  /// @param keys of [#KEY_BYTES] bytes each, at least one, the one that wraps first
  /// @param file all bytes of their file
  static KeyRing of(List<byte[]> keys, byte[] file) throws GeneralSecurityException {
    AeadConfig.register();
    MessageDigest hash = MessageDigest.getInstance("SHA-256");
    Map<String, Aead> byId = new LinkedHashMap<>();
    for (byte[] key : keys) {
      hash.update("steward key-encryption key\n".getBytes(StandardCharsets.UTF_8));
      byte[] id = Arrays.copyOf(hash.digest(key), ID_BYTES);
      byId.put(HexFormat.of().formatHex(id), aead(key));
    }
    return new KeyRing(
        byId, byId.keySet().iterator().next(), HexFormat.of().formatHex(hash.digest(file)));
  }

  @AccessesPartialKey
  private static Aead aead(byte[] key) throws GeneralSecurityException {
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

  /// The id of the key that wraps.
  String primary() {
    return primary;
  }

  boolean has(String id) {
    return keys.containsKey(id);
  }

  /// Names the content of the file: SHA-256, in hexadecimal digits.
  String fileHash() {
    return fileHash;
  }

  /// The id of the key that wrapped a keyset, or [#UNNAMED].
  static String wrapper(byte[] wrapped) {
    return wrapped.length > HEAD_BYTES && wrapped[0] == VERSION
        ? HexFormat.of().formatHex(wrapped, 1, HEAD_BYTES)
        : UNNAMED;
  }

  byte[] wrap(KeysetHandle keyset, byte[] context) throws GeneralSecurityException {
    byte[] ciphertext =
        TinkProtoKeysetFormat.serializeEncryptedKeyset(keyset, key(primary), context);
    return ByteBuffer.allocate(HEAD_BYTES + ciphertext.length)
        .put(VERSION)
        .put(HexFormat.of().parseHex(primary))
        .put(ciphertext)
        .array();
  }

  /// @throws UnknownKeyException when it was wrapped with a key that is not here
  /// @throws GeneralSecurityException when it was changed, or wrapped for another context
  KeysetHandle unwrap(byte[] wrapped, byte[] context) throws GeneralSecurityException {
    String id = wrapper(wrapped);
    return id.equals(UNNAMED)
        ? unwrapUnnamed(wrapped, context)
        : TinkProtoKeysetFormat.parseEncryptedKeyset(
            Arrays.copyOfRange(wrapped, HEAD_BYTES, wrapped.length), key(id), context);
  }

  private KeysetHandle unwrapUnnamed(byte[] wrapped, byte[] context)
      throws GeneralSecurityException {
    for (Aead key : keys.values()) {
      try {
        return TinkProtoKeysetFormat.parseEncryptedKeyset(wrapped, key, context);
      } catch (GeneralSecurityException _) {
        // Perhaps the next one.
      }
    }
    throw new GeneralSecurityException("none of the keys opens it");
  }

  private Aead key(String id) throws UnknownKeyException {
    Aead key = keys.get(id);
    if (key == null) {
      throw new UnknownKeyException(id);
    }
    return key;
  }

  @Override
  public String toString() {
    return "***";
  }
}
