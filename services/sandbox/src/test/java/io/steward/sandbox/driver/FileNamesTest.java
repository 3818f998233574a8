package io.steward.sandbox.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileNamesTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "a b", "données.csv", "日本", "😀", "100%", "-", "...", "~", "a\\b"})
  void a_name_comes_back_from_a_path(String name) {
    Path path = FileNames.below(Path.of("/tmp/x"), name);

    assertEquals(Path.of("/tmp/x"), path.getParent());
    assertEquals(Optional.of(name), FileNames.text(path.getFileName()));
    assertArrayEquals(name.getBytes(StandardCharsets.UTF_8), FileNames.bytes(path.getFileName()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "/", "a\0b"})
  void what_is_no_name_is_refused(String name) {
    assertThrows(IllegalArgumentException.class, () -> FileNames.below(Path.of("/tmp"), name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"%ff", "a%0ab", "%c3%28", "%7f", "%c2%85"})
  void a_name_that_is_no_clean_text_has_none(String encoded) {
    Path name = Path.of(URI.create("file:///" + encoded)).getFileName();

    assertEquals(Optional.empty(), FileNames.text(name));
  }

  @Test
  void a_name_that_is_a_directory_elsewhere_gets_no_slash() {
    assertEquals(Optional.of("etc"), FileNames.text(Path.of("etc")));
  }
}
