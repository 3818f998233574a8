package io.steward.schemas.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonTest {
  record Sample(
      String someName,
      int count,
      @Nullable String optional,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String nullable,
      Instant at) {}

  @Test
  void names_are_snake_case_and_absent_is_not_null() {
    Sample sample = new Sample("a", 1, null, null, Instant.parse("2026-11-20T10:00:00Z"));

    assertEquals(
        "{\"some_name\":\"a\",\"count\":1,\"nullable\":null,\"at\":\"2026-11-20T10:00:00Z\"}",
        new String(Json.bytes(sample), StandardCharsets.UTF_8));
  }

  @Test
  void unknown_fields_are_ignored() {
    Sample sample =
        read("{\"some_name\":\"a\",\"count\":1,\"new\":{},\"at\":\"2026-11-20T10:00:00Z\"}");

    assertEquals("a", sample.someName());
    assertEquals(null, sample.nullable());
  }

  @Test
  void a_text_or_a_truth_is_no_number() {
    assertThrows(UncheckedIOException.class, () -> read("{\"count\":\"5\"}"));
    assertThrows(UncheckedIOException.class, () -> read("{\"count\":true}"));
  }

  @Test
  void a_number_or_a_truth_is_no_text() {
    assertThrows(UncheckedIOException.class, () -> read("{\"some_name\":5}"));
    assertThrows(UncheckedIOException.class, () -> read("{\"some_name\":true}"));
  }

  @Test
  void what_is_no_json_is_an_error() {
    assertThrows(UncheckedIOException.class, () -> read("{"));
    assertThrows(
        UncheckedIOException.class, () -> Json.tree("nope".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void a_string_may_fill_a_whole_request() {
    String image = "A".repeat(32 * 1024 * 1024);

    assertEquals(image.length(), read("{\"some_name\":\"" + image + "\"}").someName().length());
  }

  private static Sample read(String json) {
    return Json.read(json.getBytes(StandardCharsets.UTF_8), Sample.class);
  }
}
