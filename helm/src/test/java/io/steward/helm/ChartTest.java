package io.steward.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The chart as Helm sees it.
class ChartTest {
  private static final YAMLMapper YAML = new YAMLMapper();

  static Stream<Object[]> renderings() {
    return Stream.of(ValueSet.values())
        .flatMap(
            values -> ValueSet.KUBERNETES.stream().map(version -> new Object[] {values, version}));
  }

  @ParameterizedTest
  @EnumSource(ValueSet.class)
  void a_strict_lint_finds_nothing(ValueSet values, @TempDir Path directory) throws IOException {
    Path chart = copyWith(values, directory.resolve("steward"));

    LintResult result = new Helm(chart).lint().strict().call();

    assertFalse(result.isFailed(), () -> String.join("\n", result.getMessages()));
  }

  @ParameterizedTest
  @MethodSource("renderings")
  void every_object_has_only_fields_its_kind_has(ValueSet values, String kubernetes) {
    Models models = new Models();
    List<String> unknown = new ArrayList<>();

    for (JsonNode object : values.objects(kubernetes)) {
      unknown.addAll(models.unknownFields(object));
    }

    assertEquals(List.of(), unknown);
  }

  @ParameterizedTest
  @MethodSource("renderings")
  void every_object_says_whose_it_is_and_no_two_have_one_name(ValueSet values, String kubernetes) {
    List<JsonNode> objects = values.objects(kubernetes);
    Set<String> names = new TreeSet<>();

    for (JsonNode object : objects) {
      JsonNode metadata = object.path("metadata");
      String name =
          object.path("kind").asText()
              + "/"
              + metadata.path("namespace").asText("")
              + "/"
              + metadata.path("name").asText();
      assertEquals(ValueSet.RELEASE, Workload.label(object, "app.kubernetes.io/instance"), name);
      names.add(name);
    }

    assertEquals(objects.size(), names.size());
  }

  @ParameterizedTest
  @CsvSource({
    "1.34.0, policy/v1, autoscaling/v2",
    "1.22.0, policy/v1, autoscaling/v2beta2",
    "1.20.2, policy/v1beta1, autoscaling/v2beta2"
  })
  void objects_are_of_versions_the_cluster_has(
      String kubernetes, String budgets, String autoscalers) {
    Map<String, Set<String>> versions =
        ValueSet.PRODUCTION.objects(kubernetes).stream()
            .collect(
                Collectors.groupingBy(
                    object -> object.path("kind").asText(),
                    Collectors.mapping(
                        object -> object.path("apiVersion").asText(), Collectors.toSet())));

    assertEquals(Set.of(budgets), versions.get("PodDisruptionBudget"));
    assertEquals(Set.of(autoscalers), versions.get("HorizontalPodAutoscaler"));
    assertEquals(Set.of("networking.k8s.io/v1"), versions.get("Ingress"));
  }

  @ParameterizedTest
  @CsvSource({
    "kafka.bootstrapServers, '', kafka.bootstrapServers is empty",
    "kafka.bootstrapServers, broker, at '/kafka/bootstrapServers': 'broker' does not match",
    "kafka.partition, 8, additional properties 'partition' not allowed",
    "apiKey.existingSecret, '', apiKey.existingSecret is empty",
    "vault.existingSecret, '', vault.existingSecret is empty",
    "blobs.s3.bucket, '', 'one of s3.bucket, volume.existingClaim and volume.create must be set'",
    "trial.enabled, true, trial.enabled brings its own Kafka and PostgreSQL",
    "harness.minAvailable, 2, 'harness.minAvailable is 2, but there may be only 2 pods'",
    "harness.autoscaling.max, 65, 'harness has up to 65 pods, but kafka.partitions is 64'",
    "harness.replicas, 0, 'minimum: got 0, want 1'",
    "sandboxes.namespace.name, steward, sandboxes must have one of their own",
    "sandboxes.provisioner, deployment, value must be one of",
    "image.pullPolicy, Sometimes, value must be one of"
  })
  void a_wrong_value_is_named_with_its_rule(String value, String wrong, String sentence) {
    IllegalStateException refusal =
        assertThrows(
            IllegalStateException.class,
            () -> ValueSet.PRODUCTION.text("1.34.0", Map.of(value, wrong)));

    String said = String.valueOf(refusal.getMessage());
    assertTrue(said.contains(sentence), said);
  }

  @Test
  void the_schema_describes_every_value_and_the_defaults_hold_it() throws IOException {
    JsonNode schema = YAML.readTree(Files.readString(file("values.schema.json")));
    JsonNode values = YAML.readTree(Files.readString(file("values.yaml")));
    List<String> missing = new ArrayList<>();

    describe(schema, schema, values, "", missing);

    assertEquals(List.of(), missing);
  }

  /// Adds values that the schema does not name, or names without a description.
  private static void describe(
      JsonNode root, JsonNode schema, JsonNode value, String path, List<String> missing) {
    JsonNode own = resolved(root, schema);
    if (!path.isEmpty() && !own.has("description")) {
      missing.add(path + " has no description");
    }
    if (!own.has("properties")) {
      return;
    }
    value
        .properties()
        .forEach(entry -> {
          String below = path + "/" + entry.getKey();
          JsonNode property = own.path("properties").path(entry.getKey());
          if (property.isMissingNode()) {
            missing.add(below + " is not in the schema");
          } else {
            describe(root, property, entry.getValue(), below, missing);
          }
        });
  }

  private static JsonNode resolved(JsonNode root, JsonNode schema) {
    JsonNode reference = schema.path("$ref");
    return reference.isMissingNode() ? schema : root.at(reference.asText().substring(1));
  }

  private static Path file(String name) {
    return ValueSet.CHART.resolve(name);
  }

  /// Lint takes no values, so they become the chart's own.
  private static Path copyWith(ValueSet values, Path target) throws IOException {
    try (Stream<Path> files = Files.walk(ValueSet.CHART)) {
      for (Path source : files.toList()) {
        Path copy = target.resolve(ValueSet.CHART.relativize(source).toString());
        if (Files.isDirectory(source)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(source, copy, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    ObjectNode all = (ObjectNode) YAML.readTree(Files.readString(target.resolve("values.yaml")));
    for (Path file : values.files()) {
      merge(all, YAML.readTree(Files.readString(file)));
    }
    all.withObject("/trial").put("lookup", false);
    Files.writeString(target.resolve("values.yaml"), YAML.writeValueAsString(all));
    return target;
  }

  private static void merge(ObjectNode target, JsonNode more) {
    more.properties()
        .forEach(entry -> {
          JsonNode there = target.path(entry.getKey());
          if (there instanceof ObjectNode object && entry.getValue().isObject()) {
            merge(object, entry.getValue());
          } else {
            target.set(entry.getKey(), entry.getValue());
          }
        });
  }
}
