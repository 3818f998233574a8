package io.steward.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class RecordingTest {
  private static final double ONE_IN_A_THOUSAND = 0.001;

  @Test
  void a_distribution_is_known_to_three_digits() {
    Recording recording = new Recording();
    for (int millis = 1; millis <= 1000; millis++) {
      recording.add(millis * 1_000_000L);
    }

    Latencies latencies = recording.latencies();

    assertEquals(1000, latencies.count());
    assertEquals(500, latencies.median(), 500 * ONE_IN_A_THOUSAND);
    assertEquals(900, latencies.p90(), 900 * ONE_IN_A_THOUSAND);
    assertEquals(990, latencies.p99(), 990 * ONE_IN_A_THOUSAND);
    assertEquals(1000, latencies.max(), 1000 * ONE_IN_A_THOUSAND);
  }

  @Test
  void the_curve_ends_where_no_time_is_above() {
    Recording recording = new Recording();
    for (int i = 0; i < 100; i++) {
      recording.add(5_000_000);
    }

    List<Latencies.Point> curve = recording.latencies().curve();

    assertEquals(99, curve.getLast().percentile());
  }

  @Test
  void a_time_beyond_the_longest_counts_as_the_longest() {
    Recording recording = new Recording();
    recording.add(Recording.MAX.toNanos() * 2);

    double max = recording.latencies().max();

    assertEquals(Recording.MAX.toMillis(), max, Recording.MAX.toMillis() * ONE_IN_A_THOUSAND);
  }

  @Test
  void a_negative_time_and_an_empty_distribution_are_refused() {
    assertThrows(IllegalArgumentException.class, () -> new Recording().add(-1));
    assertThrows(IllegalStateException.class, () -> new Recording().latencies());
  }
}
