package io.steward.vaultproxy.seal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.vaultproxy.stage.Sealing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyEncryptionKeyTest {
  @TempDir Path directory;

  private String refusal(Path file) {
    return String.valueOf(
        assertThrows(IllegalStateException.class, () -> KeyEncryptionKey.read(file)).getMessage());
  }

  private String refusal(String content) throws IOException {
    return refusal(Files.writeString(directory.resolve("keys"), content));
  }

  @Test
  void what_is_no_key_is_refused_with_a_sentence_that_does_not_quote_it() throws IOException {
    String file = directory.resolve("keys").toString();
    String rule = "; each line must hold 32 random bytes in base64.";
    String start =
        "The key-encryption keys in steward.vault.key-file (" + file + ") cannot be used: ";
    String key = Sealing.line(1);

    assertEquals(start + "it cannot be read (NoSuchFileException)" + rule, refusal(Path.of(file)));
    assertEquals(start + "it holds no key" + rule, refusal("# nothing\n\n"));
    assertEquals(start + "line 1 is not base64" + rule, refusal("s3cret!"));
    assertEquals(start + "line 3 holds 3 bytes" + rule, refusal(key + "\n\nAAAA\n"));
    assertEquals(start + "line 3 repeats a key" + rule, refusal(key + "\n# again\n" + key));
    assertEquals(
        start + "it holds 9 keys, more than 8" + rule,
        refusal(IntStream.range(0, 9).mapToObj(Sealing::line).collect(Collectors.joining("\n"))));
    assertEquals(start + "it is longer than 4096 bytes" + rule, refusal("#".repeat(4097)));
  }

  @Test
  void a_key_is_never_printed() throws IOException {
    KeyEncryptionKey kek = KeyEncryptionKey.read(Sealing.kek(directory, 1));

    assertEquals("***", kek.toString());
    assertEquals("***", kek.ring().toString());
  }

  @Test
  void it_is_absent_when_no_file_is_named_or_the_file_is_not_there() throws IOException {
    assertTrue(KeyEncryptionKey.of(Optional.empty()).isAbsent());
    assertTrue(KeyEncryptionKey.of(Optional.of(directory.resolve("none"))).isAbsent());
    assertFalse(KeyEncryptionKey.of(Optional.of(Sealing.kek(directory, 1))).isAbsent());
  }
}
