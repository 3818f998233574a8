package io.steward.e2e.metric;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The table in docs/metrics.md.
final class MetricTable {
  private static final int COLUMNS = 5;

  private final Map<String, Row> rows = new TreeMap<>();

  /// @param from what has to happen before the metric is there; empty for nothing
  record Row(Set<String> labels, String from) {}

  MetricTable(String markdown) {
    for (String line : markdown.lines().filter(line -> line.startsWith("| `steward_")).toList()) {
      List<String> cells = List.of(line.substring(1).split("\\|", -1));
      if (cells.size() != COLUMNS + 1) {
        throw new IllegalArgumentException("a row of docs/metrics.md has not 5 cells: " + line);
      }
      Set<String> labels = new TreeSet<>();
      for (String label : cells.get(2).split(",", -1)) {
        if (!label.isBlank()) {
          labels.add(label.strip());
        }
      }
      rows.put(cells.getFirst().strip().replace("`", ""), new Row(labels, cells.get(4).strip()));
    }
  }

  Map<String, Row> rows() {
    return rows;
  }
}
