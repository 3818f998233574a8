package io.steward.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchArgumentsTest {
  private static final List<String> KNOWN = List.of("overhead", "streams", "scale");
  private static final Path USUAL = Path.of("/usual");

  @Test
  void nothing_said_is_everything() {
    BenchArguments all = parse();

    assertEquals(new BenchArguments(KNOWN, false, USUAL), all);
  }

  @Test
  void scenarios_run_in_their_own_order() {
    BenchArguments two = parse("--only", "scale,overhead", "--quick", "--out", "/else");

    assertEquals(new BenchArguments(List.of("overhead", "scale"), true, Path.of("/else")), two);
  }

  @Test
  void an_unknown_scenario_is_refused_with_those_there_are() {
    String message = refusal("--only", "overhead,stream");

    assertEquals(
        "--only names \"stream\", but the scenarios are overhead, streams, scale.", message);
  }

  @Test
  void an_unknown_option_or_a_missing_value_is_refused_with_the_options() {
    assertTrue(refusal("--fast").startsWith("bench has no option --fast; "));
    assertTrue(refusal("--out").startsWith("--out needs a value; "));
  }

  private static String refusal(String... arguments) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> parse(arguments)).getMessage());
  }

  private static BenchArguments parse(String... arguments) {
    return BenchArguments.parse(List.of(arguments), KNOWN, USUAL);
  }
}
