package io.steward.e2e.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.steward.e2e.stage.Steward;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// That it measures, not what: figures of a machine that runs other tests mean nothing.
class BenchIT {
  private static final long MINUTES_MAX = 5;

  @TempDir Path directory;

  @Test
  void it_measures_a_steward_of_its_own_and_writes_a_report_of_three_forms() throws Exception {
    Path out = directory.resolve("report");

    assertEquals(0, bench("--quick", "--only", "overhead", "--out", out.toString()));

    JsonNode report = new ObjectMapper().readTree(out.resolve("report.json").toFile());
    assertTrue(report.path("quick").asBoolean());
    assertTrue(report.path("machine").path("processors").asInt() > 0);
    JsonNode section = report.path("sections").path(0);
    assertEquals("overhead", section.path("name").asText());
    String markdown = Files.readString(out.resolve("report.md"));
    for (JsonNode figure : section.path("figures")) {
      assertTrue(markdown.contains(figure.path("name").asText()), figure.toString());
      assertTrue(figure.path("value").asDouble() >= 0, figure.toString());
    }
    assertFalse(section.path("figures").isEmpty());
    assertTrue(Files.readString(out.resolve("overhead.svg")).startsWith("<svg"));
  }

  @Test
  void it_refuses_a_scenario_that_does_not_exist_and_names_those_that_do() throws Exception {
    assertEquals(2, bench("--only", "sleeping"));

    String said = Files.readString(directory.resolve("output"));
    assertTrue(said.contains("sleeping") && said.contains("overhead"), said);
  }

  private int bench(String... arguments) throws Exception {
    Path output = directory.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(Steward.repository().resolve("steward").toString(), "bench")
            .directory(Steward.repository().toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.command().addAll(java.util.List.of(arguments));
    Process process = builder.start();
    try {
      assertTrue(
          process.waitFor(MINUTES_MAX, TimeUnit.MINUTES), () -> "it still runs: " + read(output));
      return process.exitValue();
    } finally {
      process.destroy();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (java.io.IOException e) {
      return e.toString();
    }
  }
}
