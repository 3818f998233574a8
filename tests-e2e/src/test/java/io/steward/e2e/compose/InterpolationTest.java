package io.steward.e2e.compose;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InterpolationTest {
  private static final Interpolation VARIABLES = new Interpolation(Map.of("A", "a", "EMPTY", ""));

  @ParameterizedTest
  @CsvSource({
    "plain, plain",
    "x${A}y, xay",
    "${A:-b}, a",
    "${B:-b}, b",
    "${EMPTY:-b}, b",
    "${B:-${A:-c}}, a",
    "${B:-${C:-c}}/d, c/d",
    "${A:+${A}/}x, a/x",
    "${B:+b/}x, x",
    "$${A}, ${A}"
  })
  void variables_are_filled_in(String text, String filled) {
    assertEquals(filled, VARIABLES.fill(text));
  }

  @Test
  void an_open_brace_is_an_error() {
    assertThrows(IllegalArgumentException.class, () -> VARIABLES.fill("${A"));
  }
}
