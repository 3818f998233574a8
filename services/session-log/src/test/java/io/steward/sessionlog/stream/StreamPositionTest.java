package io.steward.sessionlog.stream;

import static io.steward.sessionlog.Samples.ID;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.http.ApiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StreamPositionTest {
  private static final StreamPosition END = new StreamPosition("aB-_9", 0, 50, 0);

  @Test
  void a_place_is_the_same_after_a_way_through_text() {
    StreamPosition place = new StreamPosition("aB-_9", 0, 41, 2);

    assertEquals("aB-_9.0.41.2", place.text());
    assertEquals(place, StreamPosition.parse(place.text()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "41",
        "sevt_01abc",
        "aB.0.41",
        "aB.0.41.-1",
        "aB.0.41.1.1",
        ".0.41.1",
        "a b.0.41.1",
        "aB.0.9999999999999999999.1",
        "aB.0.٤١.1"
      })
  void what_is_no_place_is_refused(String text) {
    ApiException refusal = assertThrows(ApiException.class, () -> StreamPosition.parse(text));

    assertEquals(400, refusal.error().status());
    assertTrue(
        refusal.error().message().startsWith("`Last-Event-ID` is \"" + text + "\", but must be"),
        refusal.error().message());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          other.0.41.1 | the log was made anew
          aB-_9.3.41.1 | belongs to partition 3 of the log, and this session is in partition 0
          aB-_9.0.51.0 | lies behind the end of the log, which is at offset 50
          aB-_9.0.50.1 | lies behind the end of the log, which is at offset 50
          """)
  void a_place_elsewhere_is_refused(String text, String rule) {
    StreamPosition place = StreamPosition.parse(text);

    ApiException refusal = assertThrows(ApiException.class, () -> place.requireIn(ID, END));

    assertEquals(400, refusal.error().status());
    assertTrue(refusal.error().message().contains(rule), refusal.error().message());
  }

  @ParameterizedTest
  @ValueSource(strings = {"aB-_9.0.0.0", "aB-_9.0.49.100", "aB-_9.0.50.0"})
  void a_place_up_to_the_end_is_fine(String text) {
    assertDoesNotThrow(() -> StreamPosition.parse(text).requireIn(ID, END));
  }
}
