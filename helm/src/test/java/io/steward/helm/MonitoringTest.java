package io.steward.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Dashboards and alerts as the chart gives them to a cluster. What is in them is tested with a
/// running Steward.
class MonitoringTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FILES = ValueSet.CHART.resolve("monitoring");

  @Test
  void the_config_map_has_the_dashboards_as_they_are_and_the_label_of_the_sidecar()
      throws IOException {
    JsonNode map = only("ConfigMap", "steward-dashboards", Map.of());

    assertEquals("1", Workload.label(map, "grafana_dashboard"));
    Map<String, JsonNode> there = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : map.path("data").properties()) {
      there.put(entry.getKey(), JSON.readTree(entry.getValue().asText()));
    }
    Map<String, JsonNode> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(FILES.resolve("dashboards"))) {
      for (Path file : all.toList()) {
        files.put(file.getFileName().toString(), JSON.readTree(Files.readString(file)));
      }
    }
    assertEquals(files, there);
  }

  @Test
  void alerts_link_to_where_their_operator_reads_the_docs() {
    JsonNode rule =
        only(
            "PrometheusRule",
            "steward",
            Map.of("monitoring.alerts.runbooks", "https://docs.example.com/alerts"));

    List<String> links =
        rule.at("/spec/groups").findValues("runbook_url").stream().map(JsonNode::asText).toList();
    assertTrue(links.size() > 20, links::toString);
    assertTrue(
        links.stream().allMatch(link -> link.startsWith("https://docs.example.com/alerts#steward")),
        links::toString);
  }

  private static JsonNode only(String kind, String name, Map<String, ?> more) {
    String text = ValueSet.HARDENED.text(ValueSet.KUBERNETES.getFirst(), more);
    List<JsonNode> found =
        ValueSet.objectsOf(text).stream()
            .filter(object -> object.path("kind").asText().equals(kind))
            .filter(object -> object.at("/metadata/name").asText().equals(name))
            .toList();
    assertEquals(1, found.size(), kind + " " + name);
    return found.getFirst();
  }
}
