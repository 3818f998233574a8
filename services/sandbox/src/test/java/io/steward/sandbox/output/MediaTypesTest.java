package io.steward.sandbox.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MediaTypesTest {
  @ParameterizedTest
  @CsvSource({
    "report.pdf, x, application/pdf",
    "chart.PNG, x, image/png",
    "data.json, x, application/json",
    "a.b/notes, hello é, text/plain",
    "notes.é, hello, text/plain",
    "strange.unheard-of, hello, text/plain",
    "blob, '\u0001\u0002', application/octet-stream",
    "no.extension., '', text/plain"
  })
  void a_type_is_guessed_by_extension_then_by_content(String path, String head, String expected) {
    assertEquals(expected, MediaTypes.of(path, head.getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @CsvSource({"ff, application/octet-stream", "c3, text/plain"})
  void a_character_may_be_cut_at_the_end_but_not_wrong(String hex, String expected) {
    byte[] head = java.util.HexFormat.of().parseHex("61" + hex);

    assertEquals(expected, MediaTypes.of("x", head));
  }
}
