package io.steward.schemas.agent.rules;

import static io.steward.schemas.agent.rules.Samples.refusal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.http.ApiError;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RequestBodyTest {
  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("", "The body is empty"),
        Arguments.of("  ", "The body is empty"),
        Arguments.of("null", "The body is null"),
        Arguments.of("[]", "The body is an array"),
        Arguments.of("\"x\"", "The body is \"x\""),
        Arguments.of("{", "The body is not valid JSON"),
        Arguments.of("{\"a\":1} 2", "The body is not valid JSON"),
        Arguments.of("{\"a\":01}", "The body is not valid JSON"),
        Arguments.of("{'a':1}", "The body is not valid JSON"),
        Arguments.of("{\"a\":" + "[".repeat(300) + "]".repeat(300) + "}", "nesting depth"),
        Arguments.of("{\"a\":[" + "1,".repeat(300_000) + "1]}", "Token count"),
        Arguments.of("{\"a\":{\"b\":[\"\\ud800\"]}}", "`a.b.0` holds the character U+D800"),
        Arguments.of("{\"a\":\"\\udc00\\ud800\"}", "`a` holds the character U+DC00"),
        Arguments.of("{\"a\":\"\\u0000\"}", "`a` holds the character U+0000"),
        Arguments.of("{\"\\u0000\":1}", "The body holds the character U+0000"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void what_is_no_storable_object_is_refused_in_a_sentence(String body, String sentence) {
    ApiError error = refusal(() -> RequestBody.object(body.getBytes(StandardCharsets.UTF_8)));

    assertEquals(400, error.status());
    assertTrue(error.message().contains(sentence), error.message());
    assertTrue(!error.message().contains("Source:"), error.message());
  }

  @Test
  void what_was_not_quoted_may_be_a_secret_and_is_not_repeated() {
    ApiError error =
        refusal(
            () -> RequestBody.object("{\"token\":ghp_53cr3t}".getBytes(StandardCharsets.UTF_8)));

    assertTrue(error.message().contains("not valid JSON"), error.message());
    assertTrue(!error.message().contains("53cr3t"), error.message());
  }

  @Test
  void text_beyond_the_basic_plane_passes() {
    String body = "{\"a\":\"\\ud83d\\ude00 \ud83d\ude00\"}";

    String text = RequestBody.object(body.getBytes(StandardCharsets.UTF_8)).get("a").textValue();

    assertEquals("\ud83d\ude00 \ud83d\ude00", text);
  }
}
