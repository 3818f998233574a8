package io.steward.bench.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CueTest {
  private static final Cue FULL =
      Cue.plain(7, 3).withTools(2).inChunks(40, Duration.ofMillis(5)).after(Duration.ofSeconds(1));

  @Test
  void what_a_message_says_is_what_the_model_reads() {
    Cue.Found found = Cue.last("{\"text\":\"" + FULL.text() + "\"}").orElseThrow();

    assertEquals(FULL, found.cue());
    assertEquals(new Cue(7, 3, 1000, 40, 5, 2), found.cue());
  }

  @Test
  void the_newest_message_counts() {
    String older = Cue.plain(7, 2).text();

    Cue.Found found = Cue.last(older + " " + FULL.text() + " more").orElseThrow();

    assertEquals(3, found.cue().turn());
    assertEquals((older + " " + FULL.text()).length(), found.end());
  }

  @Test
  void a_text_without_a_whole_cue_has_none() {
    assertTrue(Cue.last("hello").isEmpty());
    assertTrue(Cue.last(FULL.text() + "[bench s1").isEmpty());
  }

  @Test
  void a_reply_has_at_least_one_piece() {
    assertThrows(IllegalArgumentException.class, () -> new Cue(1, 1, 0, 0, 0, 0));
  }
}
