package io.steward.e2e.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.e2e.fault.crowd.Agents;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.Steward;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Hits every process at every moment, with twenty sessions that check themselves: twelve cells of
/// the matrix, or with `-Pfaults` all of them. Writes `target/reports/faults.md`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultIT {
  private final List<CellReport> reports = new ArrayList<>();
  private @Nullable Saboteur saboteur;
  private @Nullable Agents agents;

  static List<Cell> cells() {
    String wanted = System.getProperty("steward.e2e.faults", "chosen");
    return switch (wanted) {
      case "chosen" -> Cell.chosen();
      case "all" -> Cell.all();
      default -> Cell.all().stream().filter(cell -> cell.toString().matches(wanted)).toList();
    };
  }

  @BeforeAll
  void setStage() throws Exception {
    Stage stage = Stage.set("faults");
    saboteur = new Saboteur(stage);
    agents = Agents.on(stage);
  }

  @AfterAll
  void report() throws Exception {
    StringBuilder table = new StringBuilder(CellReport.HEAD);
    Map<String, Integer> troubles = new TreeMap<>();
    for (CellReport report : reports) {
      table.append(report.row());
      report.aftermath().troubles().forEach((what, n) -> troubles.merge(what, n, Integer::sum));
    }
    table.append("\nWhat clients were answered instead of 200:\n\n");
    troubles.forEach((what, n) -> table.append("- %d × %s%n".formatted(n, what)));
    Path directory = Files.createDirectories(Steward.target().resolve("reports"));
    Files.writeString(directory.resolve("faults.md"), table);
    System.out.print(table);
    if (saboteur != null) {
      saboteur.stage().close();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cells")
  void nothing_is_lost_and_nothing_is_done_twice(Cell cell) throws Exception {
    boolean passed = false;
    try {
      CellReport report = new CellRun(saboteur(), agents(), cell).run();
      reports.add(report);
      System.out.print(report.row());
      assertEquals(List.of(), report.aftermath().violations());
      passed = true;
    } finally {
      if (!passed) {
        // What one cell left behind must not fail the next one.
        saboteur().restart();
      }
    }
  }

  private Saboteur saboteur() {
    if (saboteur == null) {
      throw new IllegalStateException("no stage");
    }
    return saboteur;
  }

  private Agents agents() {
    if (agents == null) {
      throw new IllegalStateException("no agents");
    }
    return agents;
  }
}
