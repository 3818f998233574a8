package io.steward.devbox.tail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.devbox.settings.StartRefused;
import io.steward.schemas.id.SessionId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TailArgumentsTest {
  private static final String ID = "sesn_0111et8vk3S5eZYpTrHeGiw3";

  @Test
  void one_session_or_all_from_now_on_or_from_the_beginning() throws StartRefused {
    assertEquals(
        new TailArguments(Optional.of(new SessionId(ID)), false), TailArguments.parse(List.of(ID)));
    assertEquals(
        new TailArguments(Optional.empty(), true),
        TailArguments.parse(List.of("--from-beginning", "--all")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                            | tail needs the id of a session, or --all
          --from-beginning              | tail needs the id of a session, or --all
          sesn_1                        | "sesn_1" is no id of a session
          --everything                  | tail does not know "--everything"
          sesn_0111et8vk3S5eZYpTrHeGiw3 --all | got both
          sesn_0111et8vk3S5eZYpTrHeGiw3 sesn_0111et8vk3S5eZYpTrHeGiw4 | as well
          """)
  void anything_else_is_refused_with_a_sentence(String words, String says) {
    List<String> list = words.isEmpty() ? List.of() : List.of(words.split(" ", -1));

    StartRefused refusal = assertThrows(StartRefused.class, () -> TailArguments.parse(list));

    assertTrue(String.valueOf(refusal.getMessage()).contains(says), refusal.getMessage());
  }
}
