package io.steward.vaultproxy.seal;

import com.google.crypto.tink.KeysetHandle;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The key that wraps the service's other keys, and older ones that still unwrap what they wrapped.
/// They come from a file and are kept nowhere else: whoever has the database without it has
/// nothing. [KeyRotation] exchanges them while the service runs. Safe from any thread.
///
/// It may be absent for as long as the service runs: then no secret can be kept or used.
public final class KeyEncryptionKey {
  private static final String ABSENT =
      "Secrets can be neither kept nor used: vault-proxy started without a key-encryption key"
          + " (STEWARD_VAULT_KEY_FILE) and is read-only until it starts with one.";

  private final @Nullable KeyFile file;
  private volatile @Nullable KeyRing ring;

  private KeyEncryptionKey(@Nullable KeyFile file, @Nullable KeyRing ring) {
    this.file = file;
    this.ring = ring;
  }

  /// The keys in the file that the operator named, absent when there is none.
  ///
  /// @throws IllegalStateException with one sentence when the file holds something else
  public static KeyEncryptionKey of(Optional<Path> file) {
    return file.filter(path -> !new KeyFile(path).isAbsent())
        .map(KeyEncryptionKey::read)
        .orElseGet(() -> new KeyEncryptionKey(null, null));
  }

  /// The keys in `file`.
  ///
  /// @throws IllegalStateException with one sentence when the file does not hold keys
  public static KeyEncryptionKey read(Path file) {
    KeyFile keys = new KeyFile(file);
    return new KeyEncryptionKey(keys, keys.read());
  }

  public boolean isAbsent() {
    return ring == null;
  }

  /// What who needs a key is told when it is absent: 503 with a sentence.
  public static ApiException absence() {
    return new ApiException(ApiError.unavailable(ABSENT));
  }

  /// The file, or null when the key is absent.
  @Nullable KeyFile file() {
    return file;
  }

  /// The keys in use.
  ///
  /// @throws ApiException when the key is absent
  KeyRing ring() {
    KeyRing current = ring;
    if (current == null) {
      throw absence();
    }
    return current;
  }

  /// Uses other keys from now on.
  void use(KeyRing fresh) {
    ring = fresh;
  }

  /// Encrypts a keyset. `context` has to be the same to decrypt it.
  ///
  /// @throws ApiException when the key is absent
  byte[] wrap(KeysetHandle keyset, byte[] context) throws GeneralSecurityException {
    return ring().wrap(keyset, context);
  }

  /// Decrypts a keyset.
  ///
  /// @throws GeneralSecurityException when it was encrypted with another key or context
  /// @throws ApiException when the key is absent
  KeysetHandle unwrap(byte[] ciphertext, byte[] context) throws GeneralSecurityException {
    return ring().unwrap(ciphertext, context);
  }

  @Override
  public String toString() {
    return "***";
  }
}
