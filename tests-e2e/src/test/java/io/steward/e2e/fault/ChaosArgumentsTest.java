package io.steward.e2e.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChaosArgumentsTest {
  @Test
  void minutes_and_seed_are_read() {
    ChaosArguments read = ChaosArguments.parse(List.of("--seed", "7", "--minutes", "0.5"));

    assertEquals(new ChaosArguments(0.5, 7), read);
    assertEquals(Duration.ofSeconds(30), read.length());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--minutes", "--minutes x", "--minutes 0", "--minutes 1 --sead 2"})
  void anything_else_is_told_with_its_option(String line) {
    List<String> words = line.isEmpty() ? List.of() : List.of(line.split(" "));

    String told =
        assertThrows(IllegalArgumentException.class, () -> ChaosArguments.parse(words)).toString();

    assertTrue(told.contains("--") && told.matches("(?s).*[.]"), told);
  }
}
