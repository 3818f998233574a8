package io.steward.bench.steward;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class UsageTest {
  @Test
  void processor_time_is_that_of_user_and_system() {
    String stat =
        "4711 (java (child) x) S 1 4711 4711 0 -1 4194560 9 8 7 6 1250 250 3 4 20 0 33 0 99 88";

    assertEquals(15.0, Usage.cpuSeconds(stat));
  }

  @Test
  void memory_is_resident_with_shared_pages_divided() {
    String smaps =
        """
        00400000-7ffe000 ---p 00000000 00:00 0      [rollup]
        Rss:               20480 kB
        Pss:               10240 kB
        Pss_Dirty:          8192 kB
        Pss_Anon:           5120 kB
        Pss_File:           4096 kB
        Pss_Shmem:          1024 kB
        """;

    assertEquals(10L << 20, Usage.memoryBytes(smaps));
    assertEquals(6L << 20, Usage.ownBytes(smaps), "without files");
  }

  @Test
  void what_a_process_used_between_two_looks_is_the_difference() {
    Usage before = new Usage(Map.of("harness", new Usage.Use(3.5, 100, 60)));
    Usage after =
        new Usage(
            Map.of("harness", new Usage.Use(5.0, 110, 70), "kafka", new Usage.Use(1, 90, 40)));

    assertEquals(1.5, after.cpuSecondsSince(before, "harness"));
    assertEquals(0, after.cpuSecondsSince(before, "kafka"), "it was not there before");
    assertEquals(110, after.ownBytes());
  }

  @Test
  void processors_are_busy_with_whatever_is_not_waiting() {
    ProcessorTime before = ProcessorTime.parse("cpu  100 10 50 1000 40 0 5 5 90 10\ncpu0 1 2 3\n");
    ProcessorTime after = ProcessorTime.parse("cpu  130 10 60 1090 50 0 5 15 99 12\ncpu0 1 2 3\n");

    assertEquals(new ProcessorTime(170, 1040), before);
    assertEquals(50 / 150.0, after.busySince(before));
    assertEquals(0, before.busySince(before));
  }

  @Test
  void a_value_is_found_by_its_name() {
    assertEquals(
        "AMD EPYC", Machine.valueOf("processor\t: 0\nmodel name\t: AMD EPYC\n", "model name"));
    assertEquals("unknown", Machine.valueOf("", "model name"));
  }
}
