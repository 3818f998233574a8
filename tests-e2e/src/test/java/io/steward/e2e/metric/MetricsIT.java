package io.steward.e2e.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Api;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Patience;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.Steward;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What a Steward shows of turns with a tool, a sandbox and a credential: the table of the docs,
/// dashboards and alerts. More than one, because the first sample of a counter is no increase yet.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricsIT {
  private static final String HOST = "127.0.0.2";
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final List<String> SERVICES =
      List.of("agent-config", "session-log", "harness", "sandbox", "vault-proxy");
  private static final Path MONITORING =
      Steward.repository().resolve("helm/steward/monitoring").toAbsolutePath();

  /// What this run does not make happen.
  private static final Set<String> NOT_HERE = Set.of("a refusal", "an error", "a refresh");

  private static final Pattern COMPARISON = Pattern.compile(" [<>=]=? [0-9.e+]+$");
  private static final Pattern ID = Pattern.compile(".*_[0-9A-Za-z]{20,}.*");
  private static final ObjectMapper JSON = new ObjectMapper();

  private HttpServer service;
  private Stage stage;
  private String vault = "";

  @BeforeAll
  void setUp() throws Exception {
    service = HttpServer.create(new InetSocketAddress(HOST, 0), 0);
    service.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    service.start();
    stage =
        Stage.set(
            "metrics",
            Map.of(
                "STEWARD_EGRESS_PORTS",
                Integer.toString(service.getAddress().getPort()),
                "STEWARD_EGRESS_ALLOWED_ADDRESSES",
                "127.0.0.1/32,127.0.0.2/32"));
    vault = stage.api().post("/v1/vaults", "{\"display_name\":\"Counted\"}").id();
    Answer credential =
        stage
            .api()
            .post(
                "/v1/vaults/" + vault + "/credentials",
                """
                {"auth":{"type":"environment_variable","secret_name":"COUNTED_TOKEN",
                 "secret_value":"%s","injection_location":{"header":true},
                 "networking":{"type":"limited","allowed_hosts":["%s"]}}}
                """
                    .formatted(stage.plantSecret(), HOST));
    assertEquals(200, credential.status(), credential.text());
  }

  @AfterAll
  void tearDown() throws Exception {
    try {
      stage.close();
    } finally {
      service.stop(0);
    }
  }

  @Test
  void the_table_of_the_docs_has_every_metric_and_its_labels() throws Exception {
    turn();
    Exposed exposed = new Exposed();
    for (int port : ports().values()) {
      exposed.read(new Api("http://127.0.0.1:" + port).get("/q/metrics").text());
    }
    MetricTable table =
        new MetricTable(Files.readString(Steward.repository().resolve("docs/metrics.md")));

    Map<String, Set<String>> there = exposed.labels();
    Map<String, Set<String>> described = new TreeMap<>();
    table
        .rows()
        .forEach((name, row) -> {
          if (there.containsKey(name) || !NOT_HERE.contains(row.from())) {
            described.put(name, row.labels());
          }
        });
    assertEquals(described, there);
    exposed
        .values()
        .values()
        .forEach(
            values -> values.forEach(value -> assertFalse(ID.matcher(value).matches(), value)));
  }

  @Test
  void every_query_of_dashboards_and_alerts_finds_something() throws Exception {
    Assumptions.assumeTrue(PrometheusServer.isInstalled(), "there is no program prometheus here");
    Path home = Steward.target().resolve("stage/metrics/prometheus");
    try (PrometheusServer prometheus =
        PrometheusServer.start(home, ports(), MONITORING.resolve("alerts.yaml"))) {
      turn();
      until(prometheus, "steward_harness_tool_results_total");
      until(prometheus, "steward_harness_time_to_first_tool_seconds_count > 0");
      turn();
      until(prometheus, "increase(steward_harness_tool_results_total[1m]) > 0");

      Set<String> queries = new LinkedHashSet<>(dashboards());
      for (JsonNode rule : rules(prometheus)) {
        queries.add(COMPARISON.matcher(rule.path("query").asText()).replaceFirst(""));
      }
      Set<String> silent = new LinkedHashSet<>(queries);
      Patience.until(
          LONG,
          () -> "these queries find something:\n" + String.join("\n", silent),
          () -> {
            Set<String> found = new LinkedHashSet<>();
            for (String query : silent) {
              if (prometheus.finds(query)) {
                found.add(query);
              }
            }
            silent.removeAll(found);
            return silent.isEmpty();
          });
      assertTrue(queries.size() > 100, queries::toString);
    }
  }

  @Test
  void every_alert_has_its_section_and_every_section_its_alert() throws Exception {
    List<String> sections =
        Files.readAllLines(Steward.repository().resolve("docs/alerts.md")).stream()
            .filter(line -> line.startsWith("## "))
            .map(line -> line.substring(3))
            .toList();
    String rules = Files.readString(MONITORING.resolve("alerts.yaml"));
    List<String> alerts =
        Pattern.compile("- alert: (\\w+)").matcher(rules).results().map(m -> m.group(1)).toList();
    List<String> links =
        Pattern.compile("runbook_url: (\\S+)")
            .matcher(rules)
            .results()
            .map(m -> m.group(1))
            .toList();

    assertEquals(alerts, sections);
    assertEquals(
        alerts.stream().map(alert -> "docs/alerts.md#" + alert.toLowerCase(Locale.ROOT)).toList(),
        links);
  }

  private static void until(PrometheusServer prometheus, String query) throws Exception {
    Patience.until(LONG, () -> "found by " + query, () -> prometheus.finds(query));
  }

  private static Collection<JsonNode> rules(PrometheusServer prometheus) throws Exception {
    List<JsonNode> rules = prometheus.get("/api/v1/rules").findValues("rules");
    assertEquals(1, rules.size(), rules::toString);
    return rules.getFirst().valueStream().toList();
  }

  private static Set<String> dashboards() throws IOException {
    Set<String> queries = new LinkedHashSet<>();
    try (Stream<Path> files = Files.list(MONITORING.resolve("dashboards"))) {
      for (Path file : files.sorted().toList()) {
        JsonNode dashboard = JSON.readTree(Files.readString(file));
        assertEquals(dashboard.path("uid").asText() + ".json", file.getFileName().toString());
        dashboard
            .findValues("expr")
            .forEach(query -> queries.add(query.asText().replace("$__rate_interval", "1m")));
      }
    }
    return queries;
  }

  private void turn() throws Exception {
    String url = "http://" + HOST + ":" + service.getAddress().getPort() + "/";
    Script script =
        Script.of(
            Reply.bash("curl -sS -H \"Authorization: Bearer $COUNTED_TOKEN\" " + url),
            Reply.text("Done"));
    stage.model().play(script);
    Answer created =
        stage
            .api()
            .post(
                "/v1/sessions",
                "{\"agent\":\"%s\",\"environment_id\":\"%s\",\"vault_ids\":[\"%s\"]}"
                    .formatted(stage.toolAgentId(), stage.environmentId(), vault));
    assertEquals(200, created.status(), created.text());
    try (OpenSession session = OpenSession.attach(stage, created.id(), script)) {
      session.turn("Count");
    }
  }

  private Map<String, Integer> ports() throws IOException {
    Map<String, Integer> ports = new TreeMap<>();
    for (String name : SERVICES) {
      Path environment = Path.of("/proc", Long.toString(stage.steward().pid(name)), "environ");
      ports.put(
          name,
          Stream.of(Files.readString(environment, StandardCharsets.ISO_8859_1).split("\0"))
              .filter(line -> line.startsWith("QUARKUS_HTTP_PORT="))
              .mapToInt(line -> Integer.parseInt(line.substring(line.indexOf('=') + 1)))
              .findFirst()
              .orElseThrow());
    }
    return ports;
  }
}
