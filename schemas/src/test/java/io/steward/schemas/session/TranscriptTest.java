package io.steward.schemas.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.steward.schemas.json.Json;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// What a compaction may replace.
class TranscriptTest {
  private static final String LONG = "word ".repeat(600);

  private static Transcript.Entry said(String text) {
    return new Transcript.UserInput(Wire.text(text));
  }

  private static Transcript.Entry called() {
    return new Transcript.ModelReply(
        List.of(JsonNodeFactory.instance.objectNode().put("type", "tool_use").put("id", "toolu_1")),
        "tool_use");
  }

  private static Transcript.Entry answered(String text) {
    return new Transcript.ToolResults(
        List.of(new Transcript.ToolResultEntry("toolu_1", Wire.text(text), false)));
  }

  private static Transcript of(Transcript.Entry... entries) {
    Transcript transcript = Transcript.EMPTY;
    for (Transcript.Entry entry : entries) {
      transcript = transcript.plus(entry);
    }
    return transcript;
  }

  @Test
  void calls_and_their_results_are_never_separated() {
    Transcript transcript = of(said(LONG), called(), answered(LONG), called(), answered(LONG));

    for (int kept = 0; kept < 3000; kept += 50) {
      OptionalInt cut = transcript.compactable(kept);
      assertTrue(cut.isPresent());
      assertTrue(cut.getAsInt() == 1 || cut.getAsInt() == 3, cut::toString);
    }
  }

  @Test
  void what_is_counted_as_it_grows_is_what_its_entries_take() {
    Transcript transcript = of(said(LONG), called(), answered("a"));
    Transcript measured = transcript.measured(900).plus(said(LONG)).plus(called());

    assertEquals(measured.tokens(), 900 + Transcript.estimate(List.of(said(LONG), called())));
    for (Transcript grown :
        List.of(transcript, measured, measured.exceeded(), measured.compacted("Short.", 3))) {
      assertEquals(grown, Json.read(Json.bytes(grown), Transcript.class));
    }
  }

  @Test
  void as_much_as_fits_is_kept() {
    Transcript transcript =
        of(said(LONG), called(), answered("a"), called(), answered("b"), called(), answered("c"));

    assertEquals(OptionalInt.of(1), transcript.compactable(500));
    assertEquals(OptionalInt.of(5), transcript.compactable(1));
  }

  @Test
  void a_lone_message_cannot_be_compacted() {
    assertEquals(OptionalInt.empty(), of(said(LONG)).compactable(1));
    assertEquals(OptionalInt.empty(), Transcript.EMPTY.compactable(1));
  }

  @Test
  void a_short_summary_is_not_summarised_again() {
    Transcript transcript = of(said(LONG), called(), answered("a")).compacted("short", 1);

    assertEquals(OptionalInt.empty(), transcript.compactable(1_000));
    assertEquals(
        OptionalInt.of(1),
        of(said("a"), called(), answered("a")).compacted(LONG, 1).compactable(100));
  }

  @Test
  void a_summary_stands_first_and_for_what_it_says() {
    Transcript transcript = of(said("a"), called(), answered("b"), said("c")).compacted("sum", 3);

    assertEquals(List.of(new Transcript.Summary("sum"), said("c")), transcript.entries());
    assertEquals(1, transcript.compactions());
    assertEquals(0, transcript.plus(called()).compactions());
  }

  @Test
  void a_summary_of_more_than_there_is_fits_no_conversation() {
    assertThrows(IllegalArgumentException.class, () -> of(said("a")).compacted("sum", 2));
    assertThrows(IllegalArgumentException.class, () -> of(said("a")).compacted("sum", 0));
  }

  @Test
  void what_the_provider_counted_is_not_guessed_again() {
    Transcript measured = of(said(LONG), called()).measured(77);

    assertEquals(77, measured.tokens());
    assertTrue(measured.plus(answered(LONG)).tokens() > 1_000);
    assertEquals(Transcript.EXCEEDED, measured.exceeded().plus(answered("a")).tokens());
    assertFalse(measured.exceeded().compacted("sum", 1).tokens() == Transcript.EXCEEDED);
  }

  @Test
  void a_summary_is_named_by_the_conversation_it_is_of() {
    Transcript transcript = of(said("a"), called(), answered("b"));

    assertEquals("summary-3-0", transcript.summaryId());
    assertEquals("summary-2-1", transcript.compacted("short", 2).summaryId());
  }
}
