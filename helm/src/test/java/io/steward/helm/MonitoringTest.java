package io.steward.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// Dashboards and alerts as the chart gives them to a cluster, and what Prometheus makes of alerts
/// over series that are written down. Their queries are tested with a running Steward, too.
class MonitoringTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern METRIC = Pattern.compile("steward_[a-z_]+");
  private static final Pattern OF_TIMER = Pattern.compile("_seconds_(bucket|count|sum|max)$");

  /// A term with a value even without a series, and perhaps the comparison at the end.
  private static final Pattern ALWAYS =
      Pattern.compile("\\(.* or vector\\(0\\)\\)( [<>] [0-9.]+)?");

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

  @Test
  void every_metric_that_is_asked_for_is_in_the_table_of_the_docs() throws IOException {
    Set<String> table = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("../docs/metrics.md"))) {
      if (line.startsWith("| `steward_")) {
        table.add(line.substring(3, line.indexOf('`', 3)));
      }
    }
    Set<String> asked = new TreeSet<>();
    for (String query : queries()) {
      METRIC
          .matcher(query)
          .results()
          .map(metric -> OF_TIMER.matcher(metric.group()).replaceAll("_seconds"))
          .forEach(asked::add);
    }

    assertTrue(asked.size() > 50, asked::toString);
    asked.removeAll(table);
    assertEquals(Set.of(), asked);
  }

  @Test
  void a_sum_over_services_has_a_value_while_one_of_them_is_away() throws IOException {
    List<String> terms =
        queries().stream()
            .filter(query -> query.contains(" + "))
            .flatMap(query -> Stream.of(query.split(" \\+ ")))
            .toList();

    assertTrue(terms.size() > 10, terms::toString);
    assertEquals(
        List.of(), terms.stream().filter(term -> !ALWAYS.matcher(term).matches()).toList());
  }

  @Test
  void alerts_fire_when_they_should_and_only_then() throws Exception {
    Assumptions.assumeTrue(isInstalled(), "there is no program promtool here");

    Process judge =
        new ProcessBuilder("promtool", "test", "rules", "src/test/resources/alerts-test.yaml")
            .redirectErrorStream(true)
            .start();

    String words = new String(judge.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, judge.waitFor(), words);
  }

  private static boolean isInstalled() throws InterruptedException {
    try {
      return new ProcessBuilder("promtool", "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /// What alerts and dashboards ask of Prometheus.
  private static List<String> queries() throws IOException {
    List<String> queries = new ArrayList<>();
    new YAMLMapper()
        .readTree(Files.readString(FILES.resolve("alerts.yaml")))
        .findValues("expr")
        .forEach(query -> queries.add(query.asText()));
    try (Stream<Path> all = Files.list(FILES.resolve("dashboards"))) {
      for (Path file : all.toList()) {
        JSON.readTree(Files.readString(file))
            .findValues("expr")
            .forEach(query -> queries.add(query.asText()));
      }
    }
    return queries;
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
