package io.steward.vaultproxy.stage;

import com.google.crypto.tink.HybridEncrypt;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.hybrid.HybridConfig;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.secret.SealedSecret;
import io.steward.schemas.secret.SealingKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;

/// Seals secrets as the edge does, from nothing but the published key.
public final class Sealing {
  private Sealing() {}

  public static SealedSecret seal(
      SealingKey key, String id, SessionId session, String host, String secret)
      throws GeneralSecurityException {
    HybridConfig.register();
    byte[] ciphertext =
        TinkJsonProtoKeysetFormat.parseKeysetWithoutSecret(key.publicKeyset())
            .getPrimitive(RegistryConfiguration.get(), HybridEncrypt.class)
            .encrypt(
                secret.getBytes(StandardCharsets.UTF_8),
                SealedSecret.context(id, "wrkspc_default", session, host));
    return new SealedSecret(
        id,
        "wrkspc_default",
        session,
        key.keyId(),
        host,
        Base64.getEncoder().encodeToString(ciphertext),
        Instant.parse("2026-01-01T00:00:00Z"));
  }

  /// A file with a key-encryption key whose bytes are all `value`.
  public static Path kek(Path directory, int value) throws IOException {
    return Files.writeString(directory.resolve("kek-" + value), line(value) + "\n");
  }

  /// Such a key as it stands on a line of the file.
  public static String line(int value) {
    byte[] key = new byte[32];
    java.util.Arrays.fill(key, (byte) value);
    return Base64.getEncoder().encodeToString(key);
  }
}
