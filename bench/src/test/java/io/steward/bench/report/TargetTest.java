package io.steward.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetTest {
  @ParameterizedTest
  @CsvSource({
    "AT_MOST,  2.5, 2.4, HELD",
    "AT_MOST,  2.5, 2.5, HELD",
    "AT_MOST,  2.5, 2.6, MISSED",
    "AT_LEAST, 400, 401, HELD",
    "AT_LEAST, 400, 400, HELD",
    "AT_LEAST, 400, 399, MISSED",
    "AT_MOST,  2.5, NaN, MISSED",
    ",         0,   1,   NO_TARGET",
  })
  void a_figure_is_held_against_its_target(
      Target.@Nullable Kind kind, double bound, double value, Figure.Verdict verdict) {
    Target target = kind == null ? null : new Target(kind, bound);

    assertEquals(verdict, new Figure("figure", value, Unit.MILLIS, target).verdict());
  }
}
