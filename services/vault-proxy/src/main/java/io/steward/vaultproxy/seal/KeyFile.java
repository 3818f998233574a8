package io.steward.vaultproxy.seal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/// The file with the key-encryption keys, one on each line: 32 random bytes in base64. The first
/// encrypts, the others only decrypt what was encrypted before. Lines that begin with `#` are
/// comments.
record KeyFile(Path path) {
  static final int KEYS_MAX = 8;
  private static final int BYTES_MAX = 4096;

  /// Whether there surely is no such file.
  boolean isAbsent() {
    return Files.notExists(path);
  }

  /// The keys in the file as it is now.
  ///
  /// @throws IllegalStateException with one sentence, which quotes no key, when it breaks a rule
  KeyRing read() {
    byte[] text;
    try {
      if (Files.size(path) > BYTES_MAX) {
        throw unusable("it is longer than " + BYTES_MAX + " bytes");
      }
      text = Files.readAllBytes(path);
    } catch (IOException e) {
      throw unusable("it cannot be read (" + e.getClass().getSimpleName() + ")");
    }
    List<byte[]> keys = new ArrayList<>();
    try {
      decode(text, keys);
      return KeyRing.of(keys, text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } finally {
      keys.forEach(key -> Arrays.fill(key, (byte) 0));
      Arrays.fill(text, (byte) 0);
    }
  }

  private void decode(byte[] text, List<byte[]> keys) {
    String[] lines = new String(text, StandardCharsets.ISO_8859_1).split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      String line = lines[i].strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        byte[] key = decoded(i + 1, line);
        if (keys.stream().anyMatch(earlier -> Arrays.equals(earlier, key))) {
          throw unusable("line " + (i + 1) + " repeats a key");
        }
        keys.add(key);
      }
    }
    if (keys.isEmpty()) {
      throw unusable("it holds no key");
    }
    if (keys.size() > KEYS_MAX) {
      throw unusable("it holds " + keys.size() + " keys, more than " + KEYS_MAX);
    }
  }

  private byte[] decoded(int number, String line) {
    byte[] key;
    try {
      key = Base64.getDecoder().decode(line);
    } catch (IllegalArgumentException _) {
      throw unusable("line " + number + " is not base64"); // The cause would quote the key.
    }
    if (key.length != KeyRing.KEY_BYTES) {
      throw unusable("line " + number + " holds " + key.length + " bytes");
    }
    return key;
  }

  private IllegalStateException unusable(String reason) {
    return new IllegalStateException(
        "The key-encryption keys in steward.vault.key-file ("
            + path
            + ") cannot be used: "
            + reason
            + "; each line must hold "
            + KeyRing.KEY_BYTES
            + " random bytes in base64.");
  }
}
