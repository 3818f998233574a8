package io.steward.sessionlog.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.http.ApiException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileRulesTest {
  @ParameterizedTest
  @CsvSource({
    "report.pdf, report.pdf",
    "a/b/report.pdf, report.pdf",
    "/etc/passwd, passwd",
    "../../up.txt, up.txt",
    "Bücher und 日本.txt, Bücher und 日本.txt",
    ".hidden, .hidden"
  })
  void the_last_component_of_a_name_is_kept(String sent, String kept) {
    assertEquals(kept, FileRules.filename(sent, "text/plain"));
  }

  @ParameterizedTest
  @CsvSource({
    "text/plain, unnamed.txt",
    "application/pdf, unnamed.pdf",
    "application/x-unheard-of, unnamed"
  })
  void a_file_without_a_name_is_called_after_its_type(String mediaType, String name) {
    assertEquals(name, FileRules.filename(null, mediaType));
    assertEquals(name, FileRules.filename("", mediaType));
    assertEquals(name, FileRules.filename("folder/", mediaType));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a<b",
        "a>b",
        "a:b",
        "a\"b",
        "a|b",
        "a?b",
        "a*b",
        "a\\b",
        "a\tb",
        "a\nb",
        "a\u0000b",
        "..",
        "."
      })
  void a_name_with_a_forbidden_character_is_refused(String name) {
    assertEquals(400, refusal(() -> FileRules.filename(name, "text/plain")).error().status());
  }

  @Test
  void a_name_has_at_most_255_characters() {
    assertEquals(255, FileRules.filename("ü".repeat(255), "text/plain").length());
    assertEquals(510, FileRules.filename("😀".repeat(255), "text/plain").length());

    ApiException refusal = refusal(() -> FileRules.filename("a".repeat(256), "text/plain"));

    assertTrue(refusal.error().message().contains("256"), refusal.error().message());
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "text/csv, data.bin, text/csv",
        "Text/CSV; charset=utf-8, data.bin, text/csv",
        "-, report.PDF, application/pdf",
        "application/octet-stream, notes.md, text/markdown",
        "application/octet-stream, data.unheard, application/octet-stream",
        "nonsense, picture.png, image/png",
        "'text/html\r\nset-cookie: a', page, application/octet-stream",
        "-, -, application/octet-stream"
      })
  void the_type_is_what_the_part_says_or_else_what_the_name_says(
      String declared, String name, String type) {
    assertEquals(type, FileRules.mediaType(declared, name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"3600", "7776000", "86400"})
  void an_expiry_is_a_number_of_seconds(String seconds) {
    assertEquals(Duration.ofSeconds(Long.parseLong(seconds)), FileRules.expiry(seconds));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "3599",
        "7776001",
        "0",
        "-3600",
        "3600.0",
        "1e4",
        "",
        "one hour",
        "99999999999999"
      })
  void an_expiry_out_of_range_is_refused(String seconds) {
    assertEquals(400, refusal(() -> FileRules.expiry(seconds)).error().status());
  }

  private static ApiException refusal(Runnable attempt) {
    return assertThrows(ApiException.class, attempt::run);
  }
}
