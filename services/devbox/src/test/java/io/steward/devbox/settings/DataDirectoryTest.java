package io.steward.devbox.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir Path temporary;

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void it_is_for_its_owner_only() throws Exception {
    try (DataDirectory data = DataDirectory.open(temporary.resolve("d"))) {
      Secret _ = data.secret("api-key", "sk-");
      assertEquals("rwx------", mode(data.root()));
      assertEquals("rw-------", mode(data.path("api-key")));
    }
  }

  @Test
  void a_secret_is_made_once() throws Exception {
    Secret first;
    try (DataDirectory data = DataDirectory.open(temporary)) {
      first = data.secret("api-key", "sk-");
    }
    try (DataDirectory data = DataDirectory.open(temporary)) {
      assertEquals(first, data.secret("api-key", "sk-"));
      assertTrue(first.value().startsWith("sk-"));
    }
  }

  @Test
  void a_key_is_made_once_and_is_for_its_owner_only() throws Exception {
    String first;
    try (DataDirectory data = DataDirectory.open(temporary)) {
      data.makeKey("vault-key");
      assertEquals("rw-------", mode(data.path("vault-key")));
      first = Files.readString(data.path("vault-key"));
    }
    try (DataDirectory data = DataDirectory.open(temporary)) {
      data.makeKey("vault-key");
      assertEquals(first, Files.readString(data.path("vault-key")));
      assertEquals(32, java.util.Base64.getDecoder().decode(first).length);
    }
  }

  @Test
  void a_second_instance_is_refused_in_one_sentence() throws Exception {
    try (DataDirectory _ = DataDirectory.open(temporary)) {
      StartRefused refused =
          assertThrows(StartRefused.class, () -> DataDirectory.open(temporary).close());
      assertEquals(
          "The data directory "
              + temporary.toRealPath()
              + " is in use by another instance of"
              + " Steward.",
          refused.getMessage());
    }
  }

  @Test
  void a_path_that_cannot_be_a_directory_is_refused() throws Exception {
    Path file = Files.writeString(temporary.resolve("file"), "x");
    assertThrows(StartRefused.class, () -> DataDirectory.open(file).close());
    assertThrows(StartRefused.class, () -> DataDirectory.open(file.resolve("below")).close());
  }
}
