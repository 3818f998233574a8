package io.steward.vaultproxy.seal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyEncryptionKeyTest {
  @TempDir Path directory;

  private String refusal(Path file) {
    return String.valueOf(
        assertThrows(IllegalStateException.class, () -> KeyEncryptionKey.read(file)).getMessage());
  }

  private String refusal(String content) throws IOException {
    return refusal(Files.writeString(directory.resolve("kek"), content));
  }

  @Test
  void what_is_no_key_is_refused_with_a_sentence_that_does_not_quote_it() throws IOException {
    String file = directory.resolve("kek").toString();
    String rule = "; the file must hold 32 random bytes in base64.";
    String start =
        "The key-encryption key in steward.vault.kek-file (" + file + ") cannot be used: ";

    assertEquals(start + "it cannot be read (NoSuchFileException)" + rule, refusal(Path.of(file)));
    assertEquals(start + "it is not base64" + rule, refusal("s3cret!"));
    assertEquals(start + "it holds 3 bytes" + rule, refusal("AAAA"));
    assertEquals(start + "it is longer than 1024 bytes" + rule, refusal("A".repeat(1025)));
  }

  @Test
  void a_key_is_never_printed() throws IOException {
    Path file = Files.writeString(directory.resolve("kek"), "A".repeat(43) + "=\n");

    assertEquals("***", KeyEncryptionKey.read(file).toString());
  }
}
